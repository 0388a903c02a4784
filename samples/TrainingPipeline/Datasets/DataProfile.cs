using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Statistics;

namespace TrainingPipeline.Datasets;

/// <summary>What the numbers of a data set look like.</summary>
internal sealed record DataProfile(
    int Rows,
    IReadOnlyList<ColumnProfile> Columns,
    IReadOnlyDictionary<string, int> TargetDistribution,
    IReadOnlyList<CorrelatedPair> StrongCorrelations,
    double MissingPercent,
    IReadOnlyList<string> Warnings)
{
    public const double StrongCorrelation = 0.95;

    private const double ImbalancedShare = 0.25;

    public static DataProfile Of(DataSet data)
    {
        ColumnProfile[] columns = [.. data.FeatureNames.Select((name, i) => ColumnProfile.Of(name, data.Features.Column(i)))];
        Dictionary<string, int> target = data.ClassNames.Zip(data.ClassCounts()).ToDictionary(p => p.First, p => p.Second);
        IReadOnlyList<CorrelatedPair> pairs = StrongPairs(data);
        double missing = 100.0 * columns.Sum(c => c.Missing) / ((double)data.Rows * (columns.Length + 1));
        return new(data.Rows, columns, target, pairs, missing, [.. WarningsFor(columns, target, pairs, data.Rows)]);
    }

    private static IEnumerable<string> WarningsFor(
        IEnumerable<ColumnProfile> columns, Dictionary<string, int> target, IReadOnlyList<CorrelatedPair> pairs, int rows)
    {
        foreach (ColumnProfile column in columns.Where(c => c.StandardDeviation == 0))
        {
            yield return $"{column.Name} is constant and says nothing about the target.";
        }

        foreach ((string name, int count) in target.Where(t => t.Value < ImbalancedShare * rows))
        {
            yield return $"Only {count} of {rows} rows are {name}: look at balanced accuracy, too.";
        }

        if (pairs.Count > 0)
        {
            yield return $"{pairs.Count} pairs of features correlate above {StrongCorrelation} (e.g. {pairs[0].First} and {pairs[0].Second}): "
                + "their weights share one effect.";
        }
    }

    private static List<CorrelatedPair> StrongPairs(DataSet data)
    {
        double[][] columns = [.. data.Features.EnumerateColumns().Select(FillMissing)];
        Matrix<double> correlation = Correlation.PearsonMatrix(columns);
        List<CorrelatedPair> pairs = [];
        for (int i = 0; i < columns.Length; i++)
        {
            for (int j = i + 1; j < columns.Length; j++)
            {
                if (Math.Abs(correlation[i, j]) > StrongCorrelation)
                {
                    pairs.Add(new(data.FeatureNames[i], data.FeatureNames[j], correlation[i, j]));
                }
            }
        }

        return [.. pairs.OrderByDescending(p => Math.Abs(p.Correlation))];
    }

    private static double[] FillMissing(Vector<double> column)
    {
        double mean = column.Where(double.IsFinite).DefaultIfEmpty().Mean();
        return [.. column.Select(v => double.IsNaN(v) ? mean : v)];
    }
}

internal sealed record CorrelatedPair(string First, string Second, double Correlation);

/// <summary>One feature's numbers, missing values left out.</summary>
internal sealed record ColumnProfile(string Name, string Type, int Missing, double Mean, double StandardDeviation, double Min, double Median, double Max)
{
    public static ColumnProfile Of(string name, Vector<double> column)
    {
        double[] known = [.. column.Where(double.IsFinite)];
        string type = known.All(double.IsInteger) ? "integer" : "numeric";
        return known.Length == 0
            ? new(name, type, column.Count, 0, 0, 0, 0, 0)
            : new(name, type, column.Count - known.Length, known.Mean(), known.PopulationStandardDeviation(), known.Min(), known.Median(), known.Max());
    }
}
