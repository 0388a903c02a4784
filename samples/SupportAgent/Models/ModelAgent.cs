using Microsoft.Extensions.AI;
using SupportAgent.Tools;

namespace SupportAgent.Models;

/// <summary>Lets a language model plan, with the same tools as the built-in planner.</summary>
internal sealed class ModelAgent(IChatClient client, SupportTools tools, int maxRounds) : ISupportAgent
{
    private const string Instructions =
        "You answer questions about HubService. Look things up with search_documents and read_passage before you answer, calculate with calculate, "
        + "and never guess. End with 'Sources: document › section' for what you used. When a tool fails, say so in plain words.";

    public async Task<AgentAnswer> AnswerAsync(
        string question, IReadOnlyList<ChatTurn> history, IRunEvents run, CancellationToken cancellationToken = default)
    {
        List<ChatMessage> messages =
        [
            new(ChatRole.System, Instructions),
            .. history.Select(t => new ChatMessage(t.Role == "user" ? ChatRole.User : ChatRole.Assistant, t.Text)),
            new(ChatRole.User, question),
        ];
        HashSet<Citation> read = [];
        UsageDetails usage = new();
        for (int number = 1; ; number++)
        {
            // In the last round there is no tool left to call, so the model has to answer.
            bool last = number >= maxRounds;
            await run.ThinkAsync(number == 1 ? "I ask the language model." : "I give the results to the language model.", number, null, cancellationToken);
            ModelRound round = new(client.GetStreamingResponseAsync(messages, new() { Tools = last ? [] : [.. tools.Functions] }, cancellationToken), usage);
            await round.StreamToAsync(run, cancellationToken);
            if (round.Calls.Count == 0 || last)
            {
                return new(round.Text, [.. read], new(usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0));
            }

            messages.Add(new(ChatRole.Assistant, [new TextContent(round.Text), .. round.Calls]));
            foreach (FunctionCallContent call in round.Calls)
            {
                messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, await CallAsync(call, run, read, cancellationToken))]));
            }
        }
    }

    private async Task<object?> CallAsync(FunctionCallContent call, IRunEvents run, HashSet<Citation> read, CancellationToken cancellationToken)
    {
        try
        {
            object? result = await run.ToolAsync(call.Name, call.Arguments, ct => InvokeAsync(call, ct), "Asked for by the language model", cancellationToken);
            if (call.Name == SupportTools.ReadPassage && result is System.Text.Json.JsonElement passage)
            {
                read.Add(new(passage.GetProperty("document").GetString()!, passage.GetProperty("section").GetString()!));
            }

            return result;
        }
        catch (Exception failure) when (failure is ToolException or ArgumentException or System.Text.Json.JsonException)
        {
            // The model is told, so that it can try otherwise or explain.
            return new { error = failure.Message };
        }
    }

    private async Task<object?> InvokeAsync(FunctionCallContent call, CancellationToken cancellationToken)
    {
        AIFunction function = tools.Functions.FirstOrDefault(f => f.Name == call.Name)
            ?? throw new ToolException($"There is no tool '{call.Name}'.");
        return call.Exception is { } unreadable
            ? throw new ToolException($"The arguments are not JSON: {unreadable.Message}")
            : await function.InvokeAsync(new(call.Arguments ?? new Dictionary<string, object?>()), cancellationToken);
    }
}
