using System.Collections.Concurrent;
using HubService.Cluster;
using HubService.Streams;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>
/// SignalR's delivery, replaced: a group that names a stream is that stream's feed with its cursors, any other group is a
/// plain set; a send reaches the connections of every node, each named by its id on this node or by its
/// <see cref="ConnectionHandle"/>; and no send ever waits for a socket. The stock manager awaits every member, so that one
/// stalled member holds its whole group (dotnet/aspnetcore#33582).
/// </summary>
internal sealed class StreamLifetimeManager<THub> : HubLifetimeManager<THub>
    where THub : Hub
{
    private static readonly string Hub = typeof(THub).Name;

    private readonly Outboxes _outboxes;
    private readonly Subscriptions _subscriptions;
    private readonly RemoteSends _remote;
    private readonly ConcurrentDictionary<string, Outbox> _connections = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<Outbox>> _groups = new(StringComparer.Ordinal);

    public StreamLifetimeManager(Outboxes outboxes, Subscriptions subscriptions, RemoteSends remote)
    {
        (_outboxes, _subscriptions, _remote) = (outboxes, subscriptions, remote);
        remote.Deliver(Hub, Deliver);
    }

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        _connections[connection.ConnectionId] = _outboxes.Open(connection);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _connections.TryRemove(connection.ConnectionId, out _);
        _subscriptions.Forget(connection.ConnectionId);
        lock (_gate)
        {
            foreach ((string name, HashSet<Outbox> members) in _groups)
            {
                if (members.RemoveWhere(o => o.Connection == connection) > 0 && members.Count == 0)
                {
                    _groups.Remove(name);
                }
            }
        }

        return Task.CompletedTask;
    }

    public override async Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        if (StreamKey.TryParseGroup(groupName, out StreamKey stream))
        {
            await _subscriptions.JoinAsync(connectionId, stream);
        }
        else
        {
            lock (_gate)
            {
                if (!_connections.TryGetValue(connectionId, out Outbox? outbox))
                {
                    return;
                }

                if (!_groups.TryGetValue(groupName, out HashSet<Outbox>? members))
                {
                    _groups[groupName] = members = [];
                }

                members.Add(outbox);
            }
        }
    }

    public override Task RemoveFromGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        if (StreamKey.TryParseGroup(groupName, out _))
        {
            _subscriptions.Leave(connectionId, groupName);
        }
        else
        {
            lock (_gate)
            {
                if (_groups.TryGetValue(groupName, out HashSet<Outbox>? members)
                    && members.RemoveWhere(o => string.Equals(o.Connection.ConnectionId, connectionId, StringComparison.Ordinal)) > 0 && members.Count == 0)
                {
                    _groups.Remove(groupName);
                }
            }
        }

        return Task.CompletedTask;
    }

    public override Task SendAllAsync(string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(Audience.All, [], [], methodName, args);

    public override Task SendAllExceptAsync(string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default) =>
        Send(Audience.All, [], excludedConnectionIds, methodName, args);

    public override Task SendConnectionAsync(string connectionId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendConnectionsAsync([connectionId], methodName, args, cancellationToken);

    public override Task SendConnectionsAsync(IReadOnlyList<string> connectionIds, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        ReadOnlyMemory<byte> frame = JsonInvocation.Frame(methodName, args);
        foreach (IGrouping<string, string> there in connectionIds.Select(Handle).GroupBy(h => h.Node, h => h.ConnectionId, StringComparer.Ordinal))
        {
            var send = new RemoteSend(Hub, Audience.Connections, [.. there], [], frame);
            if (there.Key == _remote.Cluster.Self)
            {
                Deliver(send);
            }
            else
            {
                _remote.To(there.Key, send);
            }
        }

        return Task.CompletedTask;
    }

    public override Task SendGroupAsync(string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(Audience.Groups, [groupName], [], methodName, args);

    public override Task SendGroupExceptAsync(string groupName, string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default) =>
        Send(Audience.Groups, [groupName], excludedConnectionIds, methodName, args);

    public override Task SendGroupsAsync(IReadOnlyList<string> groupNames, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(Audience.Groups, groupNames, [], methodName, args);

    public override Task SendUserAsync(string userId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(Audience.Users, [userId], [], methodName, args);

    public override Task SendUsersAsync(IReadOnlyList<string> userIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(Audience.Users, userIds, [], methodName, args);

    /// <summary>A message that is in no log, for connections of every node.</summary>
    private Task Send(Audience audience, IReadOnlyList<string> names, IReadOnlyList<string> except, string methodName, object?[] args)
    {
        var send = new RemoteSend(Hub, audience, names, [.. except.Select(name => Handle(name).ToString())], JsonInvocation.Frame(methodName, args));
        _remote.ToOthers(send);
        Deliver(send);
        return Task.CompletedTask;
    }

    /// <summary>Sends to the connections of this node. A receiver that takes nothing any more loses the message with its connection.</summary>
    private void Deliver(RemoteSend send)
    {
        IEnumerable<Outbox> receivers = send.Audience switch
        {
            Audience.Connections => send.Names.Select(id => _connections.GetValueOrDefault(id)).OfType<Outbox>(),
            Audience.Groups => send.Names.SelectMany(Members).Distinct(),
            Audience.Users => _connections.Values.Where(o => o.Connection.UserIdentifier is { } id && send.Names.Contains(id)),
            _ => _connections.Values,
        };
        var message = new OutboundMessage(send.Frame);
        foreach (Outbox outbox in receivers)
        {
            if (send.Except.Count == 0 || !send.Except.Contains(new ConnectionHandle(_remote.Cluster.Self, outbox.Connection.ConnectionId).ToString()))
            {
                outbox.Send(message);
            }
        }
    }

    private IEnumerable<Outbox> Members(string groupName)
    {
        if (StreamKey.TryParseGroup(groupName, out _))
        {
            return _connections.Values.Where(o => o.Find(groupName) is not null);
        }

        lock (_gate)
        {
            return _groups.TryGetValue(groupName, out HashSet<Outbox>? members) ? [.. members] : [];
        }
    }

    /// <summary>With its node, which an id alone lacks.</summary>
    private ConnectionHandle Handle(string name) => ConnectionHandle.Parse(name) is { Node: "" } mine ? mine with { Node = _remote.Cluster.Self } : ConnectionHandle.Parse(name);
}
