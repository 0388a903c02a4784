using TrainingPipeline.Evaluation;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Stages;

/// <summary>What a successful training run left behind.</summary>
/// <param name="Model">The best model of the run by the primary metric on validation rows, not the last one.</param>
internal sealed record TrainedRun(
    string RunId,
    string ModelId,
    Hyperparameters Hyperparameters,
    LogisticModel Model,
    int BestEpoch,
    double FinalTrainLoss,
    ClassificationMetrics Validation,
    ClassificationMetrics Test,
    IReadOnlyList<FeatureImportance> Features,
    double RuntimeSeconds);
