using System.Globalization;
using TrainingPipeline.Learning;

namespace TrainingPipeline.Chat;

/// <summary>An answer, and the stage to run because of it.</summary>
internal sealed record ChatReply(string Text, string? RunStage = null);

/// <summary>Answers a person in the project's chat by simple rules, the most specific first.</summary>
internal sealed class ChatResponder(IReadOnlyList<Candidate> models)
{
    private const string Help =
        "I understand: what to predict (\"detect malignant tumours\"), hyperparameters (\"learning rate 0.05\", \"train 300 epochs\", \"l2 0.01\"), "
        + "a model (\"use logreg_strong_l2\"), and questions about accuracy, AUC, F1 and the like, features, data, settings and status.";

    /// <param name="stage">Where the project stands.</param>
    public ChatReply Answer(PipelineContext context, string stage, string text)
    {
        HyperparameterChanges changes = HyperparameterText.FromText(text);
        if (!changes.IsEmpty)
        {
            return Change(context, stage, changes);
        }

        if ((context.Prompt is null && stage == StageIds.ParseIntent && !IsHelp(text)) || IntentParser.StatesGoal(text))
        {
            return SetGoal(context, stage, text);
        }

        if (FindModel(text) is { } model)
        {
            context.ModelChoice = model.Id;
            return new($"{model.Name} it is. {HowToApply(stage, StageIds.ModelSelect)}");
        }

        return new(
            MetricNames.Find(text) is { } metric ? Metric(context, metric)
            : Says(text, "feature", "important", "why") ? Features(context)
            : Says(text, "rows", "data", "classes") ? Data(context)
            : Says(text, "hyperparameter", "learning rate", "epoch", "setting", "model") ? Settings(context)
            : Says(text, "status", "where", "stage", "how far", "ready") ? Status(context, stage)
            : Help);
    }

    private static ChatReply Change(PipelineContext context, string stage, HyperparameterChanges changes)
    {
        if (changes.Fault() is { } fault)
        {
            return new($"I left everything as it was: {fault}.");
        }

        context.Changes = context.Changes.Then(changes);
        return new($"The next training uses {context.Changes}. {HowToApply(stage, StageIds.Train)}");
    }

    private static ChatReply SetGoal(PipelineContext context, string stage, string text)
    {
        context.Prompt = text;
        return stage == StageIds.ParseIntent
            ? new("Thank you, I look at what that means.", StageIds.ParseIntent)
            : new($"Understood. Restart the stage {StageIds.ParseIntent} to begin again with this goal.");
    }

    private static string HowToApply(string stage, string target) =>
        StageOrder.IsBefore(stage, target) ? $"It takes effect when {target} begins." : $"Restart the stage {target} to apply it.";

    private Candidate? FindModel(string text) =>
        Says(text, "use", "take", "train", "select", "choose", "switch")
            ? models.OrderByDescending(m => m.Id.Length).FirstOrDefault(m => Says(text, m.Id, m.Name)) ?? (Says(text, "baseline") ? models[^1] : null)
            : null;

    private static string Metric(PipelineContext context, string metric) => context.Run is { } run
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{metric} is {run.Test.Values[metric]:0.0000} on the {run.Test.Confusion.Total} held-out rows "
            + $"({run.Validation.Values[metric]:0.0000} on validation).")
        : context.Leaderboard.Count > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Nothing is evaluated yet; in the trials the best {metric} on validation is "
                + $"{context.Leaderboard.MaxBy(t => t.Validation.Score(metric))!.Validation.Values[metric]:0.0000}.")
            : "Nothing is trained yet.";

    private static string Features(PipelineContext context) => context.Run is { } run
        ? "What weighs most: " + string.Join(", ", run.Features.Take(5).Select(f =>
            string.Create(CultureInfo.InvariantCulture, $"{f.Feature} ({f.Importance:P1}, speaks {(f.Weight > 0 ? "for" : "against")} {run.Test.Labels[1]})"))) + "."
        : "Nothing is trained yet.";

    private static string Data(PipelineContext context) => context.Data is { } data
        ? $"{data.Description.Name}: {data.Rows} rows, {data.FeatureNames.Count} features; "
            + string.Join(", ", data.ClassNames.Zip(data.ClassCounts(), (name, count) => $"{count} {name}")) + "."
        : "No data set is selected yet.";

    private static string Settings(PipelineContext context) =>
        context.Model is { } model && model.With(context.Changes) is { } h
            ? FormattableString.Invariant($"{model.Name}: learning rate {h.LearningRate}, L2 {h.L2}, {h.Epochs} epochs, batches of {h.BatchSize} rows.")
            : "No model is selected yet.";

    private static string Status(PipelineContext context, string stage) =>
        $"The project is at {stage}." + (context.Run is { } run ? $" The last training run is {run.RunId}." : "");

    private static bool IsHelp(string text) => Says(text, "help", "what can you", "hello") || text.Trim().EndsWith('?');

    private static bool Says(string text, params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            if (text.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
