using TrainingPipeline.Datasets;
using TrainingPipeline.Learning;

namespace TrainingPipeline;

/// <summary>Every event before and after training, with the exact names and fields of the project contract.</summary>
internal static class PipelineEvents
{
    /// <summary>The run id of log lines that belong to no run.</summary>
    public const string SystemRun = "system", ChatRun = "chat";

    public static ValueTask LogAsync(this IPipelineOutput output, string runId, string level, string text, string source, CancellationToken cancellationToken) =>
        output.EmitAsync("LOG_LINE", new { run_id = runId, level, text, source }, cancellationToken);

    public static ValueTask PromptParsedAsync(
        this IPipelineOutput output, string taskType, string? target, string? datasetHint, object constraints, CancellationToken cancellationToken) =>
        output.EmitAsync("PROMPT_PARSED", new { task_type = taskType, target, dataset_hint = datasetHint, constraints }, cancellationToken);

    public static ValueTask DatasetCandidatesAsync(
        this IPipelineOutput output, IEnumerable<DataSetDescription> found, CancellationToken cancellationToken) =>
        output.EmitAsync(
            "DATASET_CANDIDATES",
            new
            {
                datasets = found.Select(d => new
                {
                    id = d.Id,
                    name = d.Name,
                    source = d.Source,
                    desc = d.Description,
                    meta = new { licence = d.Licence, target = d.Target, features = d.Features.Count },
                }).ToArray(),
            },
            cancellationToken);

    public static ValueTask DatasetSelectedAsync(this IPipelineOutput output, string datasetId, CancellationToken cancellationToken) =>
        output.EmitAsync("DATASET_SELECTED", new { dataset_id = datasetId }, cancellationToken);

    public static ValueTask DatasetSampleReadyAsync(
        this IPipelineOutput output, string assetUrl, IReadOnlyList<string> columns, int rows, CancellationToken cancellationToken) =>
        output.EmitAsync("DATASET_SAMPLE_READY", new { asset_url = assetUrl, columns, n_rows = rows }, cancellationToken);

    /// <param name="pct">0 to 1.</param>
    public static ValueTask ProfileProgressAsync(this IPipelineOutput output, string phase, double pct, CancellationToken cancellationToken) =>
        output.EmitAsync("PROFILE_PROGRESS", new { phase, pct }, cancellationToken);

    public static ValueTask ProfileSummaryAsync(this IPipelineOutput output, DataProfile profile, CancellationToken cancellationToken)
    {
        Dictionary<string, int> types = profile.Columns.CountBy(c => c.Type).ToDictionary();
        types["categorical"] = 1; // the target
        return output.EmitAsync(
            "PROFILE_SUMMARY",
            new
            {
                n_rows = profile.Rows,
                n_cols = profile.Columns.Count + 1,
                missing_pct = profile.MissingPercent,
                types_breakdown = types,
                warnings = profile.Warnings,
            },
            cancellationToken);
    }

    public static ValueTask TargetDistributionReadyAsync(this IPipelineOutput output, string assetUrl, CancellationToken cancellationToken) =>
        output.EmitAsync("TARGET_DISTRIBUTION_READY", new { asset_url = assetUrl }, cancellationToken);

    public static ValueTask MissingnessTableReadyAsync(this IPipelineOutput output, string assetUrl, CancellationToken cancellationToken) =>
        output.EmitAsync("MISSINGNESS_TABLE_READY", new { asset_url = assetUrl }, cancellationToken);

    public static ValueTask SplitSummaryAsync(this IPipelineOutput output, StratifiedSplit split, int seed, CancellationToken cancellationToken) =>
        output.EmitAsync(
            "SPLIT_SUMMARY",
            new { train_rows = split.Train.Count, val_rows = split.Validation.Count, test_rows = split.Test.Count, stratified = true, seed },
            cancellationToken);

    public static ValueTask PreprocessPlanAsync(this IPipelineOutput output, IReadOnlyList<object> steps, CancellationToken cancellationToken) =>
        output.EmitAsync("PREPROCESS_PLAN", new { steps }, cancellationToken);

    public static ValueTask ModelCandidatesAsync(this IPipelineOutput output, IEnumerable<Candidate> models, CancellationToken cancellationToken) =>
        output.EmitAsync(
            "MODEL_CANDIDATES",
            new
            {
                models = models.Select(m => new
                {
                    id = m.Id,
                    name = m.Name,
                    family = m.Family,
                    why = m.Why,
                    requirements = new { features = m.Learns ? "numeric, standardised" : "none" },
                }).ToArray(),
            },
            cancellationToken);

    public static ValueTask ModelSelectedAsync(this IPipelineOutput output, string modelId, CancellationToken cancellationToken) =>
        output.EmitAsync("MODEL_SELECTED", new { model_id = modelId }, cancellationToken);

    public static ValueTask LeaderboardUpdatedAsync(
        this IPipelineOutput output, IEnumerable<Trial> leaderboard, string metric, CancellationToken cancellationToken) =>
        output.EmitAsync(
            "LEADERBOARD_UPDATED",
            new
            {
                rows = leaderboard.OrderByDescending(t => t.Validation.Score(metric)).Select(t => new
                {
                    model = t.ModelId,
                    @params = Describe(t.Hyperparameters),
                    metric = t.Validation.Values[metric],
                    runtime_s = t.RuntimeSeconds,
                }).ToArray(),
            },
            cancellationToken);

    public static ValueTask ReportReadyAsync(this IPipelineOutput output, string assetUrl, CancellationToken cancellationToken) =>
        output.EmitAsync("REPORT_READY", new { asset_url = assetUrl }, cancellationToken);

    public static ValueTask EditSuggestionsAsync(this IPipelineOutput output, IReadOnlyList<object> suggestions, CancellationToken cancellationToken) =>
        output.EmitAsync("EDIT_SUGGESTIONS", new { suggestions }, cancellationToken);

    /// <param name="pct">0 to 1.</param>
    public static ValueTask ExportProgressAsync(this IPipelineOutput output, double pct, string message, CancellationToken cancellationToken) =>
        output.EmitAsync("EXPORT_PROGRESS", new { pct, message }, cancellationToken);

    public static ValueTask ExportReadyAsync(
        this IPipelineOutput output, string assetUrl, IReadOnlyList<string> contents, string checksum, CancellationToken cancellationToken) =>
        output.EmitAsync("EXPORT_READY", new { asset_url = assetUrl, contents, checksum }, cancellationToken);

    public static object Describe(Hyperparameters h) => new { learning_rate = h.LearningRate, l2 = h.L2, epochs = h.Epochs, batch_size = h.BatchSize };
}
