using TrainingPipeline.Chat;

namespace TrainingPipeline.Stages;

/// <summary>Understands what the project is for.</summary>
internal sealed class ParseIntentStage : IStage
{
    public string Id => StageIds.ParseIntent;

    public bool IsDone(PipelineContext context) => context.Intent is not null;

    public void Forget(PipelineContext context) => context.Intent = null;

    public async Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        Intent intent = IntentParser.Parse(context.Prompt ?? Intent.DefaultText);
        if (intent.TaskType != "classification")
        {
            await output.LogAsync(
                PipelineEvents.SystemRun, "warn", "Only classification is on offer here, so that is what I do.", "pipeline", cancellationToken);
            intent = intent with { TaskType = "classification" };
        }

        context.Intent = intent;
        if (context.Prompt is null)
        {
            return StageOutcome.WaitForConfirmation(
                "Tell me what to predict.", "Write it into the chat", $"Confirm to go on with: {Intent.DefaultText}");
        }

        await output.PromptParsedAsync(
            intent.TaskType, intent.Target, intent.DatasetHint, Constraints(intent, context), cancellationToken);
        return StageOutcome.Complete($"{intent.TaskType} of {intent.Target ?? "the data set's target"}, judged by {intent.Metric}.");
    }

    private static object Constraints(Intent intent, PipelineContext context) => new
    {
        metric = intent.Metric,
        learning_rate = context.Changes.LearningRate,
        l2 = context.Changes.L2,
        epochs = context.Changes.Epochs,
    };
}
