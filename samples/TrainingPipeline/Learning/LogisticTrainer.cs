using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using TrainingPipeline.Datasets;

namespace TrainingPipeline.Learning;

/// <summary>Mini-batch gradient descent, one epoch per call, the same for the same seed.</summary>
internal sealed class LogisticTrainer(Examples train, Hyperparameters hyperparameters, int seed)
{
    private readonly MersenneTwister random = new(seed);
    private readonly int[] order = [.. Enumerable.Range(0, train.Count)];

    public LogisticModel Model { get; private set; } = LogisticModel.Prior(train);

    /// <summary>Goes once over all rows in a new order.</summary>
    /// <exception cref="TrainingDivergedException">The weights left the range of numbers.</exception>
    public EpochTrace RunEpoch()
    {
        LogisticModel before = Model;
        random.Shuffle(order);
        foreach (int[] rows in order.Chunk(hyperparameters.BatchSize))
        {
            Model = Model.Step(Model.Gradient(Batch(rows), hyperparameters.L2), hyperparameters.LearningRate);
        }

        LogisticModel update = Model.Step(before, 1);
        EpochTrace trace = new(Model.Gradient(train, hyperparameters.L2).Norm(), update.Norm(), Model.Norm(), Model.LogLoss(train));
        return double.IsFinite(trace.GradientNorm) && double.IsFinite(trace.Loss) && double.IsFinite(trace.WeightNorm)
            ? trace
            : throw new TrainingDivergedException(hyperparameters);
    }

    private Examples Batch(int[] rows) => new(
        Matrix<double>.Build.Dense(rows.Length, train.Features.ColumnCount, (i, j) => train.Features[rows[i], j]),
        Vector<double>.Build.Dense(rows.Length, i => train.Targets[rows[i]]));
}

/// <summary>What one epoch did.</summary>
/// <param name="GradientNorm">Length of the gradient over all training rows, where the epoch ended.</param>
/// <param name="UpdateNorm">How far the epoch moved the model.</param>
internal sealed record EpochTrace(double GradientNorm, double UpdateNorm, double WeightNorm, double Loss);

/// <summary>Steps were so long that the weights ran away.</summary>
internal sealed class TrainingDivergedException(Hyperparameters hyperparameters) : Exception(FormattableString.Invariant(
    $"Training diverged with learning rate {hyperparameters.LearningRate} and L2 {hyperparameters.L2}: choose smaller ones."));
