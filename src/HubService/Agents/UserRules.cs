using System.Text.Json;
using HubService.Contracts;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>A user's own stream: any event may come at any time; the threads it tells of are the user's list of threads.</summary>
internal sealed class UserRules : IStreamRules
{
    public string Kind => StreamKind.User;

    public bool Affects(string type) => type is "thread_created" or "thread_updated" or "thread_deleted";

    public IStreamState Open(StreamKey stream, ReadOnlyMemory<byte>? snapshot) =>
        new UserState(stream.Id, snapshot is { } s ? JsonSerializer.Deserialize(s.Span, AgentStateJson.Default.UserSnapshot)! : new UserSnapshot());

    public ReadOnlyMemory<byte> Render(StreamKey stream, IStreamState state, EventDraft draft, DateTimeOffset at) =>
        AgentEnvelope.Write(draft, draft.ThreadId ?? "", at);

    public PlacedEvent Read(LogEntry entry) => AgentEnvelope.Read(entry);

    public void Settled(StreamKey stream, IStreamState state, IReadOnlyList<EventDraft> kept)
    {
        // A user's stream has nothing that runs or expires.
    }

    public void CaughtUp(StreamKey stream, IStreamState state)
    {
        // As above.
    }
}
