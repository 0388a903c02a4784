using System.Text.Json.Nodes;
using HubService.Contracts;
using TrainingPipeline.Chat;
using TrainingPipeline.Datasets;
using TrainingPipeline.Learning;
using TrainingPipeline.Stages;

namespace TrainingPipeline;

/// <summary>The eight stages, for any number of projects.</summary>
public sealed class Pipeline
{
    private readonly ChatResponder chat;

    /// <param name="newRunId">Makes the ids of training runs; random when null.</param>
    public Pipeline(PipelineOptions options, TimeProvider time, Func<string>? newRunId = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<Candidate> models = Candidates.All(options.Epochs, options.BatchSize);
        AssetStore assets = new(options);
        Pace pace = new(options, time);
        chat = new(models);
        Stages =
        [
            new ParseIntentStage(),
            new DataSourceStage(new DataSetCatalog(options.DataDirectory), assets, pace),
            new ProfileDataStage(assets, pace),
            new PreprocessStage(options, pace),
            new ModelSelectStage(options, models, pace, time),
            new TrainStage(options, assets, pace, time, newRunId ?? (() => RunId.New().Value)),
            new ReviewEditStage(assets),
            new ExportStage(assets, pace, time),
        ];
    }

    public IReadOnlyList<IStage> Stages { get; }

    /// <summary>
    /// Runs a stage. What earlier stages produced is used; what is missing, because the process restarted, is computed again without
    /// events, save for a log line that says so. What this and later stages had produced is dropped.
    /// </summary>
    public async Task<StageOutcome> RunStageAsync(string stageId, PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        int index = StageOrder.IndexOf(stageId);
        ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(stageId));
        foreach (IStage stage in Stages.Skip(index))
        {
            stage.Forget(context);
        }

        foreach (IStage missing in Stages.Take(index).Where(s => !s.IsDone(context)))
        {
            await output.LogAsync(
                PipelineEvents.SystemRun, "info", $"The result of {missing.Id} is no longer in memory: computing it again.", "pipeline", cancellationToken);
            await missing.RunAsync(context, new SilentOutput(), cancellationToken);
        }

        return await Stages[index].RunAsync(context, output, cancellationToken);
    }

    /// <summary>Answers a custom command. There is one: <c>set_hyperparameters {learning_rate?, l2?, epochs?}</c>.</summary>
    public static CommandAnswer Command(PipelineContext context, string name, JsonObject? args)
    {
        if (name != "set_hyperparameters")
        {
            return new(null, $"There is no command '{name}'; known is set_hyperparameters.", "name");
        }

        HyperparameterChanges changes = HyperparameterText.FromArguments(args, out string? fault);
        if (fault is not null)
        {
            return new(null, fault);
        }

        HyperparameterChanges all = context.Changes = context.Changes.Then(changes);
        return new(new JsonObject { ["applies_to"] = "next TRAIN", ["learning_rate"] = all.LearningRate, ["l2"] = all.L2, ["epochs"] = all.Epochs }, null);
    }

    internal ChatReply Chat(PipelineContext context, string stageId, string text) => chat.Answer(context, stageId, text);
}

/// <summary>The answer to a custom command: a result, or what was wrong with the command.</summary>
/// <param name="Field">What of the command was wrong: <c>name</c> or <c>args</c>.</param>
public sealed record CommandAnswer(JsonObject? Result, string? Error, string Field = "args");
