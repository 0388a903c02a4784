using MathNet.Numerics.LinearAlgebra;

namespace TrainingPipeline.Datasets;

/// <summary>A table of numbers with a class per row.</summary>
/// <param name="Features">One row per example; a missing value is <see cref="double.NaN"/>.</param>
/// <param name="Labels">Index into <see cref="ClassNames"/> per row.</param>
/// <param name="PositiveClass">The class a model shall detect, an index into <see cref="ClassNames"/>.</param>
internal sealed record DataSet(
    DataSetDescription Description,
    IReadOnlyList<string> FeatureNames,
    IReadOnlyList<string> ClassNames,
    Matrix<double> Features,
    IReadOnlyList<int> Labels,
    int PositiveClass)
{
    public int Rows => Features.RowCount;

    public string PositiveName => ClassNames[PositiveClass];

    /// <summary>How many rows each class has, in the order of <see cref="ClassNames"/>.</summary>
    public IReadOnlyList<int> ClassCounts() => [.. ClassNames.Select((_, c) => Labels.Count(l => l == c))];

    /// <summary>The class order of two-class matrices and curves: the other class first, the positive one second.</summary>
    public IReadOnlyList<string> NegativeThenPositive() => [ClassNames[1 - PositiveClass], PositiveName];
}
