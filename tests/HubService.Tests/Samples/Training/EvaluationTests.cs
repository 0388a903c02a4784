using MathNet.Numerics.LinearAlgebra;
using TrainingPipeline.Evaluation;

namespace HubService.Tests.Samples.Training;

public class EvaluationTests
{
    private static readonly ConfusionMatrix ByHand = new(TrueNegatives: 50, FalsePositives: 10, FalseNegatives: 5, TruePositives: 35);

    // Expected values computed by hand from the four counts.
    [Fact]
    public void Metrics_of_a_hand_computed_matrix()
    {
        Assert.Equal(0.85, ByHand.Accuracy, 1e-12);
        Assert.Equal(35.0 / 45, ByHand.Precision, 1e-12);
        Assert.Equal(0.875, ByHand.Recall, 1e-12);
        Assert.Equal(50.0 / 60, ByHand.Specificity, 1e-12);
        Assert.Equal((0.875 + (50.0 / 60)) / 2, ByHand.BalancedAccuracy, 1e-12);
        Assert.Equal(70.0 / 85, ByHand.F1, 1e-12);
        Assert.Equal(1_700 / Math.Sqrt(45.0 * 40 * 60 * 55), ByHand.Mcc, 1e-12);

        // Chance agreement: (40·45 + 60·55) / 100² = 0.51.
        Assert.Equal(0.34 / 0.49, ByHand.Kappa, 1e-12);
        Assert.Equal([[50, 10], [5, 35]], ByHand.Rows());
    }

    [Fact]
    public void An_empty_row_or_column_gives_zero_and_never_nan()
    {
        ConfusionMatrix none = new(10, 0, 5, 0);
        Assert.Equal([0, 0, 0, 0, 0], [none.Precision, none.Recall, none.F1, none.Mcc, none.Kappa]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Auc_is_the_share_of_pairs_in_the_right_order(int seed)
    {
        Random random = new(seed);

        // Coarse probabilities, so that many are equal.
        Vector<double> p = Vector<double>.Build.Dense(80, _ => random.Next(12) / 12.0), y = p.Map(v => random.NextDouble() < 0.2 + (v / 2) ? 1.0 : 0.0);
        double right = 0, pairs = 0;
        for (int i = 0; i < p.Count; i++)
        {
            for (int j = 0; j < p.Count; j++)
            {
                if (y[i] == 1 && y[j] == 0)
                {
                    pairs++;
                    right += p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0;
                }
            }
        }

        RocCurve curve = RocCurve.Of(p, y);
        Assert.Equal(right / pairs, curve.Auc, 1e-12);
        Assert.Equal((0, 0, 1, 1), (curve.FalsePositiveRate[0], curve.TruePositiveRate[0], curve.FalsePositiveRate[^1], curve.TruePositiveRate[^1]));
        Assert.Equal(curve.Thresholds.OrderDescending(), curve.Thresholds);
        for (int i = 0; i < curve.Thresholds.Count; i++)
        {
            ConfusionMatrix at = ConfusionMatrix.Of(p, y, curve.Thresholds[i]);
            Assert.Equal((1 - at.Specificity, at.Recall), (curve.FalsePositiveRate[i], curve.TruePositiveRate[i]), new PairsWithin(1e-12));
        }
    }

    [Fact]
    public void Average_precision_of_a_small_ranking()
    {
        // Ranking + − + −: precision 1 at the first hit, 2/3 at the second.
        PrecisionRecallCurve curve = PrecisionRecallCurve.Of(
            Vector<double>.Build.Dense([0.9, 0.8, 0.7, 0.1]), Vector<double>.Build.Dense([1, 0, 1, 0]));
        Assert.Equal((1 + (2.0 / 3)) / 2, curve.AveragePrecision, 1e-12);
        Assert.Equal([0, 0.5, 0.5, 1, 1], curve.Recall);
    }

    private sealed class PairsWithin(double tolerance) : IEqualityComparer<(double A, double B)>
    {
        public bool Equals((double A, double B) x, (double A, double B) y) => Math.Abs(x.A - y.A) < tolerance && Math.Abs(x.B - y.B) < tolerance;

        public int GetHashCode((double A, double B) pair) => 0;
    }
}
