using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Statistics;

namespace TrainingPipeline.Datasets;

/// <summary>Brings every feature to mean 0 and deviation 1, measured on the rows it was fitted to; a missing value becomes the mean.</summary>
internal sealed record Standardiser(IReadOnlyList<double> Means, IReadOnlyList<double> Deviations)
{
    /// <summary>Fit on training rows alone: statistics of held-out rows would leak into the model.</summary>
    public static Standardiser Fit(Matrix<double> features)
    {
        double[] means = new double[features.ColumnCount], deviations = new double[features.ColumnCount];
        foreach ((int index, Vector<double> column) in features.EnumerateColumnsIndexed())
        {
            double[] known = [.. column.Where(double.IsFinite)];
            means[index] = known.Length == 0 ? 0 : known.Mean();
            double deviation = known.Length == 0 ? 0 : known.PopulationStandardDeviation();
            deviations[index] = deviation > 0 ? deviation : 1;
        }

        return new(means, deviations);
    }

    public Matrix<double> Transform(Matrix<double> features) =>
        features.MapIndexed((_, column, value) => double.IsNaN(value) ? 0 : (value - Means[column]) / Deviations[column]);
}
