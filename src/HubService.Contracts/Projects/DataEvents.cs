using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Projects;

/// <summary>What the prompt asks for.</summary>
/// <param name="TaskType">E.g. <c>classification</c>, <c>regression</c>.</param>
public sealed record PromptParsed(string TaskType, string? Target = null, string? DatasetHint = null, JsonObject? Constraints = null);

public sealed record DatasetCandidates(IReadOnlyList<DatasetCandidate> Datasets, int? Count = null);

/// <summary>A data set to choose from.</summary>
/// <param name="Source">Where it comes from, e.g. <c>hf</c>.</param>
public sealed record DatasetCandidate(string? Id = null, string? Name = null, string? Source = null, string? Desc = null, JsonObject? Meta = null);

public sealed record DatasetSelected(string DatasetId);

public sealed record DatasetSampleReady(string AssetUrl, IReadOnlyList<string> Columns, long NRows) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeNegative("n_rows", NRows);
}

/// <summary>How far profiling is.</summary>
/// <param name="Pct">Share 0 to 1, or percent 0 to 100, as the pipeline counts.</param>
public sealed record ProfileProgress(string Phase, double Pct) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.BePercent("pct", Pct);
}

/// <summary>The profile of the data: the counts, or the whole of it under <c>profile</c>.</summary>
/// <param name="TypesBreakdown">Columns per type.</param>
public sealed record ProfileSummary(
    long? NRows = null,
    long? NCols = null,
    double? MissingPct = null,
    IReadOnlyDictionary<string, int>? TypesBreakdown = null,
    IReadOnlyList<string>? Warnings = null,
    JsonElement? Profile = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeNegative("n_rows", NRows) ?? Must.NotBeNegative("n_cols", NCols);
}

public sealed record MissingnessTableReady(string AssetUrl);

public sealed record TargetDistributionReady(string AssetUrl);

/// <summary>Rows per part of the split.</summary>
public sealed record SplitSummary(long TrainRows, long ValRows, long TestRows, bool Stratified, long Seed) : IPayloadRule
{
    public (string Field, string Rule)? Violation() =>
        Must.NotBeNegative("train_rows", TrainRows) ?? Must.NotBeNegative("val_rows", ValRows) ?? Must.NotBeNegative("test_rows", TestRows);
}

public sealed record PreprocessPlan(IReadOnlyList<JsonElement> Steps);
