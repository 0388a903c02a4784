using System.Globalization;
using TrainingPipeline.Datasets;
using TrainingPipeline.Evaluation;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Stages;

/// <summary>The best model of a run so far.</summary>
internal sealed record Snapshot(LogisticModel Model, int Epoch, ClassificationMetrics Validation);

/// <summary>The epoch loop of one training run.</summary>
internal sealed class Fit(
    PipelineContext context,
    TrainingEvents events,
    IPipelineOutput output,
    PipelineOptions options,
    Hyperparameters hyperparameters,
    Pace pace,
    TimeProvider time)
{
    private const int ResourceInterval = 10, LogInterval = 25;

    private readonly PreparedData data = context.Prepared!;
    private readonly string metric = context.Intent!.Metric;
    private readonly ResourceMeter meter = new(time);
    private readonly long started = time.GetTimestamp();

    public Snapshot? Best { get; private set; }

    public int Epoch { get; private set; }

    public double TrainLoss { get; private set; }

    public Hyperparameters Hyperparameters => hyperparameters;

    // One step to begin with, one per epoch, one for the evaluation and one to finish.
    private int Steps => hyperparameters.Epochs + 2;

    public double RuntimeSeconds => time.GetElapsedTime(started).TotalSeconds;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        int epochs = hyperparameters.Epochs;
        await events.StartedAsync(context.Model!, hyperparameters, data, metric, options, Steps, cancellationToken);
        await events.ProgressAsync(0, epochs, 0, Steps, null, "init", cancellationToken);
        LogisticTrainer trainer = new(data.Train, hyperparameters, options.Seed);
        for (Epoch = 1; Epoch <= epochs; Epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            EpochTrace trace = trainer.RunEpoch();
            TrainLoss = trace.Loss;
            await ReportAsync(trainer.Model, trace, cancellationToken);
            await pace.AfterEpochAsync(output, cancellationToken);
        }

        Epoch = epochs;
        await events.ProgressAsync(epochs, epochs, epochs + 1, Steps, 0, "eval", cancellationToken);
    }

    /// <summary>Puts the finished run on the leaderboard.</summary>
    public async Task FinalizeAsync(TrainedRun run, CancellationToken cancellationToken)
    {
        context.Leaderboard = context.Leaderboard.Add(new(run.ModelId, hyperparameters, run.Validation, run.RuntimeSeconds));
        await events.LeaderboardAsync(context.Leaderboard, metric, cancellationToken);
        await events.ProgressAsync(Epoch, Epoch, Steps, Steps, 0, "finalize", cancellationToken);
    }

    private async Task ReportAsync(LogisticModel model, EpochTrace trace, CancellationToken cancellationToken)
    {
        ClassificationMetrics validation = ClassificationMetrics.Of(model, data.Validation, data.Source.NegativeThenPositive());
        double trainAccuracy = ConfusionMatrix.Of(model.Probabilities(data.Train.Features), data.Train.Targets).Accuracy;
        double eta = RuntimeSeconds / Epoch * (hyperparameters.Epochs - Epoch);
        await events.ProgressAsync(Epoch, hyperparameters.Epochs, Epoch, Steps, Math.Round(eta, 3), "fit", cancellationToken);
        await events.MetricAsync("loss", "train", Epoch, trace.Loss, cancellationToken);
        await events.MetricAsync("loss", "val", Epoch, validation.LogLoss, cancellationToken);
        await events.MetricAsync("accuracy", "train", Epoch, trainAccuracy, cancellationToken);
        await events.MetricAsync("accuracy", "val", Epoch, validation.Confusion.Accuracy, cancellationToken);
        await events.DiagnosticAsync(Epoch, hyperparameters, trace, cancellationToken);
        await KeepIfBestAsync(new(model, Epoch, validation), cancellationToken);
        await NoteAsync(trace, validation, cancellationToken);
    }

    private async Task KeepIfBestAsync(Snapshot candidate, CancellationToken cancellationToken)
    {
        double score = candidate.Validation.Score(metric), best = Best?.Validation.Score(metric) ?? double.NegativeInfinity;
        if (score > best || (score == best && candidate.Validation.LogLoss < Best!.Validation.LogLoss))
        {
            Best = candidate;
        }

        // A tie that only lowers the loss is kept without a word: it would be news in every epoch.
        if (score > best)
        {
            await events.BestModelAsync(context.Model!.Id, candidate.Validation.Values[metric], cancellationToken);
        }
    }

    private async Task NoteAsync(EpochTrace trace, ClassificationMetrics validation, CancellationToken cancellationToken)
    {
        if (Epoch % ResourceInterval == 0)
        {
            (double cpu, double ram) = meter.Measure();
            double seconds = RuntimeSeconds;
            await events.ResourcesAsync(cpu, ram, seconds > 0 ? Epoch / seconds : null, cancellationToken);
        }

        if (Epoch % LogInterval == 0 || Epoch == 1)
        {
            string text = string.Create(
                CultureInfo.InvariantCulture,
                $"Epoch {Epoch}/{hyperparameters.Epochs}: loss {trace.Loss:0.0000} train, {validation.LogLoss:0.0000} val; "
                + $"val accuracy {validation.Confusion.Accuracy:0.0000}.");
            await events.LogAsync("info", text, cancellationToken);
        }
    }
}
