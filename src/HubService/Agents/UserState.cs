using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;

namespace HubService.Agents;

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
        if (e.Type is not ("thread_created" or "thread_updated" or "thread_deleted") || e.Payload.Text("thread_id") is not { } id)
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
}
