using System.Collections.Concurrent;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace HubService.Delivery;

/// <summary>The outbox of every connection of this node, whichever hub it is on.</summary>
internal sealed class Outboxes(IEventLog log, ReplayPages pages, ReplayLanes lanes, IOptions<DeliveryOptions> options, TimeProvider time, HubMetrics metrics, ILogger<Outbox> logger)
{
    private readonly ConcurrentDictionary<string, Outbox> _byConnection = new(StringComparer.Ordinal);

    public IEnumerable<Outbox> All => _byConnection.Values;

    public Outbox Open(HubConnectionContext connection) =>
        _byConnection[connection.ConnectionId] = new Outbox(connection, log, pages, lanes, options.Value, time, metrics, logger);

    public Outbox? Find(string connectionId) => _byConnection.GetValueOrDefault(connectionId);

    public Outbox? Remove(string connectionId) => _byConnection.TryRemove(connectionId, out Outbox? outbox) ? outbox : null;

    /// <summary>One pass over the connections that may have stopped reading; returns how many were closed.</summary>
    public int CloseStalledOnce() => _byConnection.Values.Count(o => o.CloseIfStalled());
}
