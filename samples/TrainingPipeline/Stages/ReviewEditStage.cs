using System.Globalization;
using System.Text;
using TrainingPipeline.Evaluation;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Stages;

/// <summary>Writes the report and says what could be tried next.</summary>
internal sealed class ReviewEditStage(AssetStore assets) : IStage
{
    public string Id => StageIds.ReviewEdit;

    public bool IsDone(PipelineContext context) => context.ReportUrl is not null;

    public void Forget(PipelineContext context) => context.ReportUrl = null;

    public async Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        TrainedRun run = context.Run!;
        string report = await assets.WriteAsync(
            context.ProjectId, "report.md", Encoding.UTF8.GetBytes(Report.Write(context)), cancellationToken);
        object[] suggestions = [.. Suggestions(run, context.Leaderboard, context.Intent!.Metric)];
        if (suggestions.Length > 0)
        {
            await output.EditSuggestionsAsync(suggestions, cancellationToken);
        }

        await output.ReportReadyAsync(report, cancellationToken);
        context.ReportUrl = report;

        ConfusionMatrix confusion = run.Test.Confusion;
        return StageOutcome.WaitForConfirmation(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{run.ModelId} finds {confusion.TruePositives} of {confusion.Positives} {run.Test.Labels[1]} and raises "
                + $"{confusion.FalsePositives} false alarms in {confusion.Negatives} {run.Test.Labels[0]} (accuracy {confusion.Accuracy:0.000}, AUC {run.Test.Roc.Auc:0.000})."),
            "Confirm to export the model",
            "Change hyperparameters in the chat and restart TRAIN",
            "Restart MODEL_SELECT to choose another model");
    }

    private static IEnumerable<object> Suggestions(TrainedRun run, IEnumerable<Trial> leaderboard, string metric)
    {
        Hyperparameters h = run.Hyperparameters;
        if (run.BestEpoch > 0.95 * h.Epochs)
        {
            yield return new
            {
                title = "Train longer",
                detail = "The best epoch was among the last: a better one may follow.",
                args = new { epochs = h.Epochs * 2 },
            };
        }

        if (run.Validation.LogLoss > 1.5 * run.FinalTrainLoss)
        {
            yield return new
            {
                title = "Penalise weights more",
                detail = "The loss on validation rows is well above the one on training rows.",
                args = new { l2 = Math.Max(0.001, h.L2 * 5) },
            };
        }

        if (leaderboard.MaxBy(t => t.Validation.Score(metric)) is { } best && best.Validation.Score(metric) > run.Validation.Score(metric))
        {
            yield return new { title = $"Use {best.ModelId}", detail = "It did better in its short trial.", args = new { model_id = best.ModelId } };
        }
    }
}
