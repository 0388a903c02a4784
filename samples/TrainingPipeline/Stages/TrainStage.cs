using System.Globalization;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Stages;

/// <summary>Runs one training run after the other, each of which ends with exactly one TRAIN_RUN_FINISHED.</summary>
internal sealed class TrainStage(PipelineOptions options, AssetStore assets, Pace pace, TimeProvider time, Func<string> newRunId) : IStage
{
    public string Id => StageIds.Train;

    public bool IsDone(PipelineContext context) => context.Run is not null;

    public void Forget(PipelineContext context) => context.Run = null;

    public async Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        string runId = newRunId(), metric = context.Intent!.Metric;
        TrainingEvents events = new(output, runId);
        Hyperparameters hyperparameters = context.Model!.With(context.Changes);
        Fit fit = new(context, events, output, options, hyperparameters, pace, time);
        string status = "failed";
        Dictionary<string, double> metrics = [];
        try
        {
            await fit.RunAsync(cancellationToken);
            TrainedRun run = await new HeldOutEvaluation(context, events, assets, runId).RunAsync(fit, cancellationToken);
            await fit.FinalizeAsync(run, cancellationToken);
            context.Run = run;
            (status, metrics) = ("success", new(run.Test.Values));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            status = "cancelled";
            metrics = fit.Best is { } best ? new() { [$"val_{metric}"] = best.Validation.Values[metric], ["epochs"] = fit.Epoch } : [];
            await events.LogAsync("warn", $"Cancelled in epoch {fit.Epoch} of {hyperparameters.Epochs}.", CancellationToken.None);
            throw;
        }
        catch (TrainingDivergedException diverged)
        {
            await events.LogAsync("error", diverged.Message, CancellationToken.None);
            throw;
        }
        finally
        {
            // The one place that ends a run, so that it ends once whatever happened.
            await events.FinishedAsync(status, metrics);
        }

        TrainedRun trained = context.Run;
        return StageOutcome.Complete(string.Create(
            CultureInfo.InvariantCulture,
            $"{metric} {trained.Test.Values[metric]:0.000} on {trained.Test.Confusion.Total} held-out rows; "
            + $"best epoch {trained.BestEpoch} of {hyperparameters.Epochs}."));
    }
}
