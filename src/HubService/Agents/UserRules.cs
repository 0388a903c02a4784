using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Agents;
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
}

/// <summary>The threads a user owns or is a member of.</summary>
internal sealed class UserState(string userId, UserSnapshot snapshot) : IStreamState
{
    /// <summary>How many threads the list keeps; the oldest go first. The threads themselves stay.</summary>
    private const int MaxThreads = 1_000;

    public StreamFacts Facts { get; } = new(true, userId, [], null);

    public bool Unfinished => false;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ThreadInfo> Threads =>
        [.. snapshot.Threads.OrderByDescending(t => t.Value.CreatedAt).Select(t => new ThreadInfo(
            new ThreadId(t.Key),
            t.Value.Title,
            t.Value.Owner,
            t.Value.Members,
            t.Value.Realm,
            DateTimeOffset.FromUnixTimeMilliseconds(t.Value.CreatedAt)))];

    public HubError? Check(EventDraft draft) => null;

    public void Apply(in PlacedEvent e)
    {
        if (e.Type is not ("thread_created" or "thread_updated" or "thread_deleted") || Text(e.Payload, "thread_id") is not { } id)
        {
            return;
        }

        if (e.Type == "thread_deleted")
        {
            snapshot.Threads.Remove(id);
        }
        else if (e.Payload.Deserialize(ContractJson.Default.ThreadInfo) is { } info)
        {
            snapshot.Threads[id] = new UserThread(info.Title, info.Owner, info.Members, info.Realm, info.CreatedAt.ToUnixTimeMilliseconds());
            if (snapshot.Threads.Count > MaxThreads)
            {
                snapshot.Threads.Remove(Oldest(id));
            }
        }
    }

    /// <summary>The thread to leave off the list: another user's before one's own, so that nobody can crowd out what is mine; never the new one.</summary>
    private string Oldest(string added) => snapshot.Threads
        .Where(t => t.Key != added)
        .OrderBy(t => t.Value.Owner == userId)
        .ThenBy(t => t.Value.CreatedAt)
        .First().Key;

    public ReadOnlyMemory<byte> Save() => JsonSerializer.SerializeToUtf8Bytes(snapshot, AgentStateJson.Default.UserSnapshot);

    private static string? Text(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
