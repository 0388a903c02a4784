using TrainingPipeline.Datasets;
using TrainingPipeline.Evaluation;
using TrainingPipeline.Learning;

namespace TrainingPipeline;

/// <summary>The events of one training run, which all carry its id.</summary>
internal sealed class TrainingEvents(IPipelineOutput output, string runId)
{
    public ValueTask StartedAsync(Candidate model, Hyperparameters h, PreparedData data, string metric, PipelineOptions options, int steps, CancellationToken ct) =>
        output.EmitAsync(
            "TRAIN_RUN_STARTED",
            new
            {
                run_id = runId,
                model_id = model.Id,
                metric_primary = metric,
                config = new
                {
                    task_type = "classification",
                    target = data.Source.Description.Target,
                    split = new { seed = options.Seed, test_size = options.TestSize },
                    preprocess = new { scale = "standard", fitted_on = "train" },
                    train = new { steps, epochs = h.Epochs, learning_rate = h.LearningRate, l2 = h.L2, batch_size = h.BatchSize },
                },
            },
            ct);

    /// <param name="phase">init, fit, eval or finalize.</param>
    /// <param name="etaSeconds">Null while nothing is known yet.</param>
    public ValueTask ProgressAsync(int epoch, int epochs, int step, int steps, double? etaSeconds, string phase, CancellationToken ct) =>
        output.EmitAsync("TRAIN_PROGRESS", new { run_id = runId, epoch, epochs, step, steps, eta_s = etaSeconds, phase }, ct);

    public ValueTask MetricAsync(string name, string split, int step, double value, CancellationToken ct) =>
        output.EmitAsync("METRIC_SCALAR", new { run_id = runId, name, split, step, value }, ct);

    public ValueTask DiagnosticAsync(int step, Hyperparameters h, EpochTrace trace, CancellationToken ct) =>
        output.EmitAsync(
            "GD_DIAGNOSTIC",
            new
            {
                run_id = runId,
                step,
                diagnostics = new
                {
                    lr = h.LearningRate,
                    weight_l2 = trace.WeightNorm,
                    grad_l2 = trace.GradientNorm,
                    update_l2 = trace.UpdateNorm,
                    batch_size = h.BatchSize,
                },
            },
            ct);

    public ValueTask ResourcesAsync(double cpuPercent, double ramMegabytes, double? stepsPerSecond, CancellationToken ct) =>
        output.EmitAsync(
            "RESOURCE_STATS",
            new { run_id = runId, cpu_pct = cpuPercent, ram_mb = ramMegabytes, gpu_pct = (double?)null, vram_mb = (double?)null, step_per_sec = stepsPerSecond },
            ct);

    public ValueTask LogAsync(string level, string text, CancellationToken ct) => output.LogAsync(runId, level, text, "trainer", ct);

    public ValueTask BestModelAsync(string modelId, double metric, CancellationToken ct) =>
        output.EmitAsync("BEST_MODEL_UPDATED", new { run_id = runId, model_id = modelId, metric }, ct);

    public ValueTask LeaderboardAsync(IEnumerable<Trial> leaderboard, string metric, CancellationToken ct) =>
        output.LeaderboardUpdatedAsync(leaderboard, metric, ct);

    /// <param name="status">success, failed or cancelled.</param>
    public ValueTask FinishedAsync(string status, IReadOnlyDictionary<string, double> finalMetrics) =>
        output.EmitAsync("TRAIN_RUN_FINISHED", new { run_id = runId, status, final_metrics = finalMetrics }, CancellationToken.None);

    public ValueTask EvaluationStartedAsync(string message, CancellationToken ct) =>
        output.EmitAsync("EVALUATION_STARTED", new { run_id = runId, task_type = "classification", message }, ct);

    public ValueTask ClassificationMetricsAsync(ClassificationMetrics m, CancellationToken ct)
    {
        ConfusionMatrix c = m.Confusion;
        return output.EmitAsync(
            "CLASSIFICATION_METRICS_READY",
            new
            {
                run_id = runId,
                accuracy = c.Accuracy,
                balanced_accuracy = c.BalancedAccuracy,
                precision = c.Precision,
                recall = c.Recall,
                f1 = c.F1,
                roc_auc = m.Roc.Auc,
                mcc = c.Mcc,
                cohen_kappa = c.Kappa,
                log_loss = m.LogLoss,
                average_precision = m.PrecisionRecall.AveragePrecision,
                specificity = c.Specificity,
                sensitivity = c.Recall,
                n_classes = m.Labels.Count,
                class_labels = m.Labels,
                class_distribution = new Dictionary<string, int> { [m.Labels[0]] = c.Negatives, [m.Labels[1]] = c.Positives },
                precision_per_class = new[] { c.NegativePrecision, c.Precision },
                recall_per_class = new[] { c.Specificity, c.Recall },
                f1_per_class = new[] { c.NegativeF1, c.F1 },
            },
            ct);
    }

    public ValueTask ConfusionMatrixAsync(ClassificationMetrics m, string assetUrl, CancellationToken ct) =>
        output.EmitAsync(
            "CONFUSION_MATRIX_READY",
            new
            {
                run_id = runId,
                matrix = m.Confusion.Rows(),
                labels = m.Labels,
                true_positives = m.Confusion.TruePositives,
                true_negatives = m.Confusion.TrueNegatives,
                false_positives = m.Confusion.FalsePositives,
                false_negatives = m.Confusion.FalseNegatives,
                asset_url = assetUrl,
            },
            ct);

    public ValueTask RocCurveAsync(RocCurve roc, string assetUrl, CancellationToken ct) =>
        output.EmitAsync(
            "ROC_CURVE_READY",
            new { run_id = runId, fpr = roc.FalsePositiveRate, tpr = roc.TruePositiveRate, thresholds = roc.Thresholds, auc = roc.Auc, asset_url = assetUrl },
            ct);

    public ValueTask PrecisionRecallAsync(PrecisionRecallCurve curve, string assetUrl, CancellationToken ct) =>
        output.EmitAsync(
            "PRECISION_RECALL_CURVE_READY",
            new
            {
                run_id = runId,
                precision = curve.Precision,
                recall = curve.Recall,
                thresholds = curve.Thresholds,
                average_precision = curve.AveragePrecision,
                asset_url = assetUrl,
            },
            ct);

    public ValueTask FeatureImportanceAsync(IEnumerable<FeatureImportance> features, string assetUrl, CancellationToken ct) =>
        output.EmitAsync(
            "FEATURE_IMPORTANCE_READY",
            new
            {
                run_id = runId,
                features = features.Select(f => new { feature = f.Feature, importance = f.Importance }).ToArray(),
                method = "model",
                asset_url = assetUrl,
            },
            ct);

    public ValueTask EvaluationCompleteAsync(string metric, ClassificationMetrics m, IReadOnlyList<(string Type, string Url)> artifacts, CancellationToken ct) =>
        output.EmitAsync(
            "EVALUATION_COMPLETE",
            new
            {
                run_id = runId,
                task_type = "classification",
                primary_metric = metric,
                primary_value = m.Values[metric],
                all_metrics = m.Values,
                artifacts = artifacts.Select(a => new { type = a.Type, url = a.Url }).ToArray(),
                shap_available = false,
            },
            ct);
}
