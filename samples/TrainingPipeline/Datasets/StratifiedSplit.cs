using MathNet.Numerics.Random;

namespace TrainingPipeline.Datasets;

/// <summary>Row numbers for training, validation and the final test, each with the classes in the proportion of the whole.</summary>
internal sealed record StratifiedSplit(IReadOnlyList<int> Train, IReadOnlyList<int> Validation, IReadOnlyList<int> Test)
{
    /// <param name="testSize">The share of each class that goes into the test, and again into the validation; below 0.5.</param>
    public static StratifiedSplit Of(IReadOnlyList<int> labels, double testSize, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(testSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(testSize, 0.5);
        MersenneTwister random = new(seed);
        List<int> train = [], validation = [], test = [];
        foreach (IGrouping<int, int> rows in Enumerable.Range(0, labels.Count).GroupBy(row => labels[row]).OrderBy(g => g.Key))
        {
            int[] shuffled = [.. rows];
            random.Shuffle(shuffled);
            int part = (int)Math.Round(shuffled.Length * testSize, MidpointRounding.AwayFromZero);
            test.AddRange(shuffled[..part]);
            validation.AddRange(shuffled[part..(2 * part)]);
            train.AddRange(shuffled[(2 * part)..]);
        }

        train.Sort();
        validation.Sort();
        test.Sort();
        return new(train, validation, test);
    }
}
