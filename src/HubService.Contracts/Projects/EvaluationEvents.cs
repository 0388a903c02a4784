using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <param name="TaskType"><c>classification</c> or <c>regression</c>.</param>
public sealed record EvaluationStarted(string RunId, string TaskType, string Message);

/// <summary>Metrics of a task that has no event of its own; further fields are free.</summary>
public sealed record EvaluationMetricsReady(string RunId);

/// <summary>Scores of a classifier; null where a score does not apply.</summary>
/// <param name="ClassLabels">Texts or numbers; the per-class lists have the same order.</param>
/// <param name="ClassDistribution">Samples per label.</param>
public sealed record ClassificationMetricsReady(
    string RunId,
    double Accuracy,
    double BalancedAccuracy,
    double Precision,
    double Recall,
    double F1,
    double Mcc,
    double CohenKappa,
    int NClasses,
    IReadOnlyList<JsonElement> ClassLabels,
    IReadOnlyDictionary<string, long> ClassDistribution,
    double? RocAuc = null,
    double? LogLoss = null,
    double? AveragePrecision = null,
    double? Specificity = null,
    double? Sensitivity = null,
    IReadOnlyList<double>? PrecisionPerClass = null,
    IReadOnlyList<double>? RecallPerClass = null,
    IReadOnlyList<double>? F1PerClass = null);

/// <summary>Scores of a regressor, in the unit of the target.</summary>
public sealed record RegressionMetricsReady(
    string RunId,
    double Mse,
    double Rmse,
    double Mae,
    double MedianAe,
    double R2,
    double ExplainedVariance,
    double MaxError,
    [NotNegative] long NSamples,
    double? Mape = null,
    double? Smape = null);

/// <summary>The evaluation in one event.</summary>
public sealed record EvaluationComplete(
    string RunId,
    string TaskType,
    string PrimaryMetric,
    double PrimaryValue,
    JsonObject AllMetrics,
    IReadOnlyList<EvaluationArtifact> Artifacts,
    bool ShapAvailable);

public sealed record EvaluationArtifact(string Type, string Url);
