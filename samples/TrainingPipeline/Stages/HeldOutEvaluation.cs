using TrainingPipeline.Datasets;
using TrainingPipeline.Evaluation;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Stages;

/// <summary>Judges the best model of a run on rows that neither training nor selection has seen.</summary>
internal sealed class HeldOutEvaluation(PipelineContext context, TrainingEvents events, AssetStore assets, string runId)
{
    public async Task<TrainedRun> RunAsync(Fit fit, CancellationToken ct)
    {
        PreparedData data = context.Prepared!;
        Snapshot best = fit.Best!;
        await events.EvaluationStartedAsync($"Judging epoch {best.Epoch} on {data.Test.Count} held-out rows.", ct);
        ClassificationMetrics test = ClassificationMetrics.Of(best.Model, data.Test, data.Source.NegativeThenPositive());
        IReadOnlyList<FeatureImportance> features = FeatureImportance.Of(best.Model, data.Source.FeatureNames);
        await events.ClassificationMetricsAsync(test, ct);

        string confusion = await WriteAsync("confusion_matrix", new { labels = test.Labels, matrix = test.Confusion.Rows() }, ct);
        await events.ConfusionMatrixAsync(test, confusion, ct);
        string roc = await WriteAsync("roc_curve", test.Roc, ct);
        await events.RocCurveAsync(test.Roc, roc, ct);
        string precisionRecall = await WriteAsync("precision_recall_curve", test.PrecisionRecall, ct);
        await events.PrecisionRecallAsync(test.PrecisionRecall, precisionRecall, ct);
        string importance = await WriteAsync("feature_importance", features, ct);
        await events.FeatureImportanceAsync(features, importance, ct);

        await events.EvaluationCompleteAsync(
            context.Intent!.Metric,
            test,
            [("confusion_matrix", confusion), ("roc_curve", roc), ("precision_recall_curve", precisionRecall), ("feature_importance", importance)],
            ct);
        Candidate model = context.Model!;
        return new(runId, model.Id, fit.Hyperparameters, best.Model, best.Epoch, fit.TrainLoss, best.Validation, test, features, fit.RuntimeSeconds);
    }

    private Task<string> WriteAsync(string name, object content, CancellationToken ct) =>
        assets.WriteJsonAsync(context.ProjectId, $"{runId}/{name}.json", content, ct);
}
