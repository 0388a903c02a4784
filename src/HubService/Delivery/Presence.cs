using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Who follows a stream now, counted when somebody asks: there is nothing that a killed node could leave behind.</summary>
internal sealed class Presence(ICluster cluster, Outboxes outboxes)
{
    private const string Topic = "delivery.presence";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Tail, bool> _tails = new();

    /// <summary>Lets other nodes ask; before the cluster starts.</summary>
    public void Listen() => cluster.Handle(Topic, message =>
    {
        PresenceResult here = new() { Users = Here(Encoding.UTF8.GetString(message.Span)) };
        return Task.FromResult<ReadOnlyMemory<byte>>(JsonSerializer.SerializeToUtf8Bytes(here, ContractJson.Default.PresenceResult));
    });

    /// <summary>Counts a reader of server-sent events as one of the subject's connections, until disposed.</summary>
    public IDisposable Follow(StreamKey stream, string subject)
    {
        var tail = new Tail(this, stream.Group, subject);
        _tails[tail] = true;
        return tail;
    }

    /// <summary>Over all nodes that answer in time, by user.</summary>
    public async Task<PresenceResult> OfAsync(StreamKey stream)
    {
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> others = await cluster.AskOthersAsync(Topic, Encoding.UTF8.GetBytes(stream.Group), Patience);
        IEnumerable<PresentUser> all = others.Values.SelectMany(answer => JsonSerializer.Deserialize(answer.Span, ContractJson.Default.PresenceResult)!.Users).Concat(Here(stream.Group));
        return new PresenceResult { Users = [.. all.GroupBy(u => u.UserId, StringComparer.Ordinal).OrderBy(u => u.Key, StringComparer.Ordinal).Select(u => new PresentUser(u.Key, u.Sum(n => n.Connections)))] };
    }

    private IReadOnlyList<PresentUser> Here(string group) =>
    [
        .. outboxes.All.Where(o => o.Find(group) is not null).Select(o => ConnectionPrincipal.Find(o.Connection.Features)?.Principal.Subject).OfType<string>()
            .Concat(_tails.Keys.Where(t => t.Group == group).Select(t => t.Subject))
            .CountBy(subject => subject, StringComparer.Ordinal).Select(u => new PresentUser(u.Key, u.Value)),
    ];

    private sealed class Tail(Presence presence, string group, string subject) : IDisposable
    {
        public string Group => group;

        public string Subject => subject;

        public void Dispose() => presence._tails.TryRemove(this, out _);
    }
}
