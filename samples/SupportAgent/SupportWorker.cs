using System.Text.Json;
using HubService.Client;
using HubService.Contracts;

namespace SupportAgent;

/// <summary>Serves the agent on the hub: each message or request is answered in a run of its own.</summary>
public sealed class SupportWorker(AgentClient client, ISupportAgent agent)
{
    private const int Capacity = 16;
    private const int RememberedTurns = 12;

    /// <summary>Serves under these names, e.g. <c>guide</c>, until cancelled.</summary>
    public Task RunAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        client.ServeAsync(names, Capacity, AnswerAsync, cancellationToken);

    private async Task AnswerAsync(AgentWork work, CancellationToken cancellationToken)
    {
        IReadOnlyList<ChatTurn> history = await ReadHistoryAsync(work, cancellationToken);
        AgentAnswer answer = await agent.AnswerAsync(work.Text, history, new RunEvents(work.Run), cancellationToken);
        await work.Run.CompleteAsync(
            new { citations = answer.Citations.Select(c => new { document = c.Document, section = c.Section }) },
            answer.Text,
            answer.Usage is { } usage ? new { input_tokens = usage.InputTokens, output_tokens = usage.OutputTokens } : null);
    }

    /// <summary>What was said in the thread before this message.</summary>
    private async Task<IReadOnlyList<ChatTurn>> ReadHistoryAsync(AgentWork work, CancellationToken cancellationToken)
    {
        EventPage page = await client.GetHistoryAsync(work.ThreadId, before: StreamPosition.Start, limit: 200, cancellationToken: cancellationToken);
        List<ChatTurn> turns = [];
        foreach (JsonElement e in page.Events)
        {
            string type = e.GetProperty("type").GetString()!;
            if (type is "user_message" or "agent_message" && e.GetProperty("payload") is var payload && payload.TryGetProperty("text", out JsonElement text))
            {
                bool current = work.MessageId is { } id && payload.GetProperty("message_id").ValueEquals(id);
                if (!current)
                {
                    turns.Add(new ChatTurn(type == "user_message" ? "user" : "assistant", text.GetString()!));
                }
            }
        }

        return turns.TakeLast(RememberedTurns).ToList();
    }
}
