using MathNet.Numerics.LinearAlgebra;

namespace TrainingPipeline.Datasets;

/// <summary>Rows for a learner: standardised features, and 1 where the row has the positive class.</summary>
internal sealed record Examples(Matrix<double> Features, Vector<double> Targets)
{
    public int Count => Targets.Count;
}

/// <summary>A data set, split and standardised.</summary>
internal sealed record PreparedData(DataSet Source, StratifiedSplit Split, Standardiser Standardiser, Examples Train, Examples Validation, Examples Test)
{
    public static PreparedData Of(DataSet data, double testSize, int seed)
    {
        StratifiedSplit split = StratifiedSplit.Of(data.Labels, testSize, seed);
        Standardiser standardiser = Standardiser.Fit(Rows(data, split.Train));
        return new(data, split, standardiser, Select(split.Train), Select(split.Validation), Select(split.Test));

        Examples Select(IReadOnlyList<int> rows) => new(
            standardiser.Transform(Rows(data, rows)),
            Vector<double>.Build.Dense(rows.Count, i => data.Labels[rows[i]] == data.PositiveClass ? 1 : 0));
    }

    private static Matrix<double> Rows(DataSet data, IReadOnlyList<int> rows) =>
        Matrix<double>.Build.Dense(rows.Count, data.Features.ColumnCount, (i, j) => data.Features[rows[i], j]);
}
