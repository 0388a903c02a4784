using MathNet.Numerics.LinearAlgebra;

namespace TrainingPipeline.Evaluation;

/// <summary>How many true and false alarms each threshold gives; a row is called positive when its probability reaches the threshold.</summary>
internal sealed record RocCurve(IReadOnlyList<double> FalsePositiveRate, IReadOnlyList<double> TruePositiveRate, IReadOnlyList<double> Thresholds, double Auc)
{
    public static RocCurve Of(Vector<double> probabilities, Vector<double> targets)
    {
        // The first point calls nothing positive. Infinity would be its natural threshold, but JSON has none.
        List<double> fpr = [0], tpr = [0], thresholds = [probabilities.Maximum() + 1];
        double auc = 0;
        foreach (ThresholdCount at in ThresholdCount.Descending(probabilities, targets))
        {
            fpr.Add(at.FalsePositives / Math.Max(1, at.Negatives));
            tpr.Add(at.TruePositives / Math.Max(1, at.Positives));
            thresholds.Add(at.Threshold);
            auc += (fpr[^1] - fpr[^2]) * (tpr[^1] + tpr[^2]) / 2;
        }

        return new(fpr, tpr, thresholds, auc);
    }
}

/// <summary>Precision against recall, recall ascending; the first point has no threshold.</summary>
internal sealed record PrecisionRecallCurve(
    IReadOnlyList<double> Precision, IReadOnlyList<double> Recall, IReadOnlyList<double> Thresholds, double AveragePrecision)
{
    public static PrecisionRecallCurve Of(Vector<double> probabilities, Vector<double> targets)
    {
        List<double> precision = [1], recall = [0], thresholds = [];
        double average = 0;
        foreach (ThresholdCount at in ThresholdCount.Descending(probabilities, targets))
        {
            precision.Add(at.TruePositives / (at.TruePositives + at.FalsePositives));
            recall.Add(at.TruePositives / Math.Max(1, at.Positives));
            thresholds.Add(at.Threshold);
            average += (recall[^1] - recall[^2]) * precision[^1];
        }

        return new(precision, recall, thresholds, average);
    }
}

/// <summary>What is called positive at one threshold; equal probabilities share one, as no threshold tells them apart.</summary>
internal sealed record ThresholdCount(double Threshold, double TruePositives, double FalsePositives, double Positives, double Negatives)
{
    public static IEnumerable<ThresholdCount> Descending(Vector<double> probabilities, Vector<double> targets)
    {
        double positives = targets.Sum(), negatives = targets.Count - positives, tp = 0, fp = 0;
        foreach (IGrouping<double, double> tied in probabilities.Zip(targets).GroupBy(p => p.First, p => p.Second).OrderByDescending(g => g.Key))
        {
            tp += tied.Sum();
            fp += tied.Count() - tied.Sum();
            yield return new(tied.Key, tp, fp, positives, negatives);
        }
    }
}
