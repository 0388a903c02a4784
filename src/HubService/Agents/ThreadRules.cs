using System.Collections.Frozen;
using System.Text.Json;
using HubService.Contracts;
using HubService.Publishing;
using HubService.Streams;
using HubService.Telemetry;

namespace HubService.Agents;

/// <summary>The order a thread keeps: a run starts before anything of it, its calls come in pairs, and it ends once.</summary>
internal sealed class ThreadRules(ThreadKeeping keeping, HubMetrics metrics, TimeProvider time) : IStreamRules
{
    private static readonly FrozenSet<string> Projected = FrozenSet.Create(
        StringComparer.Ordinal,
        "thread_created",
        "thread_updated",
        "thread_deleted",
        "user_message",
        "agent_started",
        "tool_executing",
        "tool_completed",
        "agent_completed",
        "input_requested",
        "input_provided");

    public string Kind => StreamKind.Thread;

    public bool Affects(string type) => Projected.Contains(type);

    public IStreamState Open(StreamKey stream, ReadOnlyMemory<byte>? snapshot) =>
        new ThreadState(snapshot is { } s ? JsonSerializer.Deserialize(s.Span, AgentStateJson.Default.ThreadSnapshot)! : new ThreadSnapshot(), time);

    public ReadOnlyMemory<byte> Render(StreamKey stream, IStreamState state, EventDraft draft, DateTimeOffset at) =>
        AgentEnvelope.Write(draft, stream.Id, at);

    public PlacedEvent Read(LogEntry entry) => AgentEnvelope.Read(entry);

    public void Settled(StreamKey stream, IStreamState state, IReadOnlyList<EventDraft> kept)
    {
        foreach (EventDraft draft in kept)
        {
            if (draft.Type == "agent_completed")
            {
                metrics.RunEnded(draft.Payload.Text("status") ?? "");
            }
        }

        keeping.Settled(stream, (ThreadState)state, kept, Projected.Contains);
    }

    public void CaughtUp(StreamKey stream, IStreamState state) => keeping.Settled(stream, (ThreadState)state, [], Projected.Contains);
}
