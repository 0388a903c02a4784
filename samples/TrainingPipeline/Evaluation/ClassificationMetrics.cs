using TrainingPipeline.Datasets;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Evaluation;

/// <summary>Everything measured about a model on one set of rows.</summary>
/// <param name="Labels">The negative class, then the positive one.</param>
internal sealed record ClassificationMetrics(
    IReadOnlyList<string> Labels, ConfusionMatrix Confusion, RocCurve Roc, PrecisionRecallCurve PrecisionRecall, double LogLoss)
{
    /// <summary>Every number under its wire name.</summary>
    public IReadOnlyDictionary<string, double> Values { get; } = new Dictionary<string, double>
    {
        ["accuracy"] = Confusion.Accuracy,
        ["balanced_accuracy"] = Confusion.BalancedAccuracy,
        ["precision"] = Confusion.Precision,
        ["recall"] = Confusion.Recall,
        ["f1"] = Confusion.F1,
        ["roc_auc"] = Roc.Auc,
        ["mcc"] = Confusion.Mcc,
        ["cohen_kappa"] = Confusion.Kappa,
        ["log_loss"] = LogLoss,
        ["average_precision"] = PrecisionRecall.AveragePrecision,
        ["specificity"] = Confusion.Specificity,
        ["sensitivity"] = Confusion.Recall,
    };

    /// <summary>The metric as "the higher the better", to compare models by.</summary>
    public double Score(string metric) => metric == "log_loss" ? -LogLoss : Values[metric];

    public static ClassificationMetrics Of(LogisticModel model, Examples examples, IReadOnlyList<string> labels)
    {
        var probabilities = model.Probabilities(examples.Features);
        return new(
            labels,
            ConfusionMatrix.Of(probabilities, examples.Targets),
            RocCurve.Of(probabilities, examples.Targets),
            PrecisionRecallCurve.Of(probabilities, examples.Targets),
            model.LogLoss(examples));
    }
}
