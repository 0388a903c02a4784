using MathNet.Numerics.LinearAlgebra;

namespace TrainingPipeline.Evaluation;

/// <summary>How often each answer was given to each truth, with the positive class second.</summary>
internal sealed record ConfusionMatrix(int TrueNegatives, int FalsePositives, int FalseNegatives, int TruePositives)
{
    public int Total => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;

    public int Positives => TruePositives + FalseNegatives;

    public int Negatives => TrueNegatives + FalsePositives;

    public double Accuracy => Ratio(TruePositives + TrueNegatives, Total);

    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Also called sensitivity.</summary>
    public double Recall => Ratio(TruePositives, Positives);

    public double Specificity => Ratio(TrueNegatives, Negatives);

    public double NegativePrecision => Ratio(TrueNegatives, TrueNegatives + FalseNegatives);

    public double BalancedAccuracy => (Recall + Specificity) / 2;

    public double F1 => Harmonic(Precision, Recall);

    public double NegativeF1 => Harmonic(NegativePrecision, Specificity);

    /// <summary>Matthews correlation coefficient, 0 when a row or column is empty.</summary>
    public double Mcc
    {
        get
        {
            double tp = TruePositives, tn = TrueNegatives, fp = FalsePositives, fn = FalseNegatives;
            return Ratio((tp * tn) - (fp * fn), Math.Sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)));
        }
    }

    /// <summary>Cohen's kappa: agreement beyond what the frequencies alone would give.</summary>
    public double Kappa
    {
        get
        {
            double chance = Ratio(
                ((double)Positives * (TruePositives + FalsePositives)) + ((double)Negatives * (TrueNegatives + FalseNegatives)), (double)Total * Total);
            return Ratio(Accuracy - chance, 1 - chance);
        }
    }

    /// <summary>Rows are the truth, columns the answers.</summary>
    public int[][] Rows() => [[TrueNegatives, FalsePositives], [FalseNegatives, TruePositives]];

    public static ConfusionMatrix Of(Vector<double> probabilities, Vector<double> targets, double threshold = 0.5)
    {
        int tn = 0, fp = 0, fn = 0, tp = 0;
        for (int i = 0; i < probabilities.Count; i++)
        {
            bool answer = probabilities[i] >= threshold, truth = targets[i] == 1;
            (tn, fp, fn, tp) = (answer, truth) switch
            {
                (false, false) => (tn + 1, fp, fn, tp),
                (true, false) => (tn, fp + 1, fn, tp),
                (false, true) => (tn, fp, fn + 1, tp),
                (true, true) => (tn, fp, fn, tp + 1),
            };
        }

        return new(tn, fp, fn, tp);
    }

    private static double Harmonic(double a, double b) => Ratio(2 * a * b, a + b);

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;
}
