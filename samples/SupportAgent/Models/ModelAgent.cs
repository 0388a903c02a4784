using System.Text.Json;
using Microsoft.Extensions.AI;
using SupportAgent.Tools;

namespace SupportAgent.Models;

/// <summary>Lets a language model plan, with the same tools as the built-in planner.</summary>
/// <param name="maxRounds">How often the model is asked; the last time it has no tools and must answer.</param>
internal sealed class ModelAgent(IChatClient model, SupportTools tools, int maxRounds) : ISupportAgent
{
    private const string Instructions =
        "You answer questions about HubService. Look things up with search_documents and read_passage before you answer, calculate with calculate, "
        + "and never guess. End with 'Sources: document › section' for what you used. When a tool fails, say so in plain words.";

    // What a tool says when it fails is for the model, so that it can try otherwise or explain.
    private readonly IChatClient chat = model.AsBuilder().UseFunctionInvocation(configure: invoking =>
    {
        invoking.MaximumIterationsPerRequest = maxRounds - 1;
        invoking.MaximumConsecutiveErrorsPerRequest = int.MaxValue;
        invoking.IncludeDetailedErrors = true;
    }).Build();

    public async Task<AgentAnswer> AnswerAsync(
        string question, IReadOnlyList<ChatTurn> history, IRunEvents run, CancellationToken cancellationToken = default)
    {
        ChatMessage[] messages =
        [
            new(ChatRole.System, Instructions),
            .. history.Select(t => new ChatMessage(t.Role == "user" ? ChatRole.User : ChatRole.Assistant, t.Text)),
            new(ChatRole.User, question),
        ];
        ChatOptions options = new() { Tools = [.. tools.Functions] };
        ChatResponse response = await run.Show(chat).GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
        string answer = response.Messages.LastOrDefault(m => m.Role == ChatRole.Assistant && m.Text.Length > 0)?.Text ?? "";
        return new(answer, Read(response), response.Usage is { } usage ? new(usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0) : null);
    }

    /// <summary>The passages that the model read.</summary>
    private static IReadOnlyList<Citation> Read(ChatResponse response)
    {
        AIContent[] contents = [.. response.Messages.SelectMany(m => m.Contents)];
        HashSet<string> calls = [.. contents.OfType<FunctionCallContent>().Where(c => c.Name == SupportTools.ReadPassage).Select(c => c.CallId)];
        return
        [
            .. (from result in contents.OfType<FunctionResultContent>()
                let passage = result.Result as JsonElement? ?? default
                where calls.Contains(result.CallId) && passage.ValueKind == JsonValueKind.Object
                select new Citation(passage.GetProperty("document").GetString()!, passage.GetProperty("section").GetString()!)).Distinct(),
        ];
    }
}
