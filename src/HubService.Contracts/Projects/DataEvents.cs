using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <summary>What the prompt asks for.</summary>
/// <param name="TaskType">E.g. <c>classification</c>, <c>regression</c>.</param>
public sealed record PromptParsed(string TaskType, string? Target = null, string? DatasetHint = null, JsonObject? Constraints = null);

public sealed record DatasetCandidates(IReadOnlyList<DatasetCandidate> Datasets, int? Count = null);

/// <summary>A data set to choose from.</summary>
/// <param name="Source">Where it comes from, e.g. <c>hf</c>.</param>
public sealed record DatasetCandidate(string? Id = null, string? Name = null, string? Source = null, string? Desc = null, JsonObject? Meta = null);

public sealed record DatasetSelected(string DatasetId);

public sealed record DatasetSampleReady(string AssetUrl, IReadOnlyList<string> Columns, [NotNegative] long NRows);

/// <summary>How far profiling is.</summary>
/// <param name="Pct">Share 0 to 1, or percent 0 to 100, as the pipeline counts.</param>
public sealed record ProfileProgress(string Phase, [Percent] double Pct);

/// <summary>The profile of the data: the counts, or the whole of it under <c>profile</c>.</summary>
/// <param name="TypesBreakdown">Columns per type.</param>
public sealed record ProfileSummary(
    [NotNegative] long? NRows = null,
    [NotNegative] long? NCols = null,
    double? MissingPct = null,
    IReadOnlyDictionary<string, int>? TypesBreakdown = null,
    IReadOnlyList<string>? Warnings = null,
    JsonElement? Profile = null);

public sealed record MissingnessTableReady(string AssetUrl);

public sealed record TargetDistributionReady(string AssetUrl);

/// <summary>Rows per part of the split.</summary>
public sealed record SplitSummary([NotNegative] long TrainRows, [NotNegative] long ValRows, [NotNegative] long TestRows, bool Stratified, long Seed);

public sealed record PreprocessPlan(IReadOnlyList<JsonElement> Steps);
