using System.Text.Json;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <summary>A confusion matrix by URL, inline, or both.</summary>
/// <param name="Matrix">Rows are true labels, columns predicted ones.</param>
/// <param name="Labels">Texts or numbers, in the matrix's order.</param>
[Either("asset_url", "matrix")]
public sealed record ConfusionMatrixReady(
    string? AssetUrl = null,
    string? RunId = null,
    IReadOnlyList<IReadOnlyList<double>>? Matrix = null,
    IReadOnlyList<JsonElement>? Labels = null,
    long? TruePositives = null,
    long? TrueNegatives = null,
    long? FalsePositives = null,
    long? FalseNegatives = null);

/// <summary>A ROC curve by URL, inline, or both.</summary>
[Either("asset_url", "fpr")]
public sealed record RocCurveReady(
    string? AssetUrl = null,
    string? RunId = null,
    IReadOnlyList<double>? Fpr = null,
    IReadOnlyList<double>? Tpr = null,
    IReadOnlyList<double>? Thresholds = null,
    double? Auc = null);

public sealed record PrecisionRecallCurveReady(
    string RunId,
    IReadOnlyList<double> Precision,
    IReadOnlyList<double> Recall,
    IReadOnlyList<double> Thresholds,
    double AveragePrecision,
    string? AssetUrl = null);

public sealed record ResidualsPlotReady(string AssetUrl);

/// <summary>Feature importances by URL, inline, or both.</summary>
/// <param name="Method"><c>model</c>, <c>permutation</c> or <c>shap</c>.</param>
[Either("asset_url", "features")]
public sealed record FeatureImportanceReady(
    string? AssetUrl = null,
    string? RunId = null,
    IReadOnlyList<FeatureWeight>? Features = null,
    string? Method = null);

public sealed record FeatureWeight(string Feature, double Importance);

/// <summary>SHAP values, or why there are none.</summary>
/// <param name="GlobalImportance">Mean absolute value per feature, as a map or in the order of the names.</param>
public sealed record ShapExplanationsReady(
    string RunId,
    bool Available,
    IReadOnlyList<string>? FeatureNames = null,
    JsonElement? GlobalImportance = null,
    JsonElement? ImportanceRanking = null,
    string? Message = null,
    string? AssetUrl = null);
