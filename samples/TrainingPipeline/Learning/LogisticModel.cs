using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using TrainingPipeline.Datasets;

namespace TrainingPipeline.Learning;

/// <summary>Logistic regression: the probability of the positive class is <c>σ(features · weights + bias)</c>.</summary>
internal sealed record LogisticModel(Vector<double> Weights, double Bias)
{
    /// <summary>Knows nothing but how frequent the positive class is; where training starts, and the baseline it must beat.</summary>
    public static LogisticModel Prior(Examples examples)
    {
        // One row of each kind is added, so that a class that is absent does not make the bias infinite.
        double positive = (examples.Targets.Sum() + 1) / (examples.Count + 2);
        return new(Vector<double>.Build.Dense(examples.Features.ColumnCount), Math.Log(positive / (1 - positive)));
    }

    public Vector<double> Scores(Matrix<double> features) => (features * Weights) + Bias;

    public Vector<double> Probabilities(Matrix<double> features) => Scores(features).Map(SpecialFunctions.Logistic);

    /// <summary>Mean negative log likelihood, without the penalty, so that runs with different L2 compare.</summary>
    public double LogLoss(Examples examples)
    {
        Vector<double> scores = Scores(examples.Features);
        double sum = 0;
        for (int i = 0; i < scores.Count; i++)
        {
            // log(1 + e^z) − y·z, written so that no exponential overflows.
            double z = scores[i];
            sum += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - (examples.Targets[i] * z);
        }

        return sum / examples.Count;
    }

    /// <summary>What training minimises.</summary>
    public double Objective(Examples examples, double l2) => LogLoss(examples) + (l2 / 2 * Weights.DotProduct(Weights));

    /// <summary>The gradient of <see cref="Objective"/>.</summary>
    public LogisticModel Gradient(Examples examples, double l2)
    {
        Vector<double> error = Probabilities(examples.Features) - examples.Targets;
        Vector<double> weights = (examples.Features.TransposeThisAndMultiply(error) / examples.Count) + (Weights * l2);
        return new(weights, error.Sum() / examples.Count);
    }

    public LogisticModel Step(LogisticModel gradient, double rate) => new(Weights - (gradient.Weights * rate), Bias - (gradient.Bias * rate));

    /// <summary>Length of weights and bias together.</summary>
    public double Norm() => Math.Sqrt(Weights.DotProduct(Weights) + (Bias * Bias));
}
