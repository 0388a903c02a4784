using System.Collections.Concurrent;
using HubService.Contracts;
using HubService.Streams;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>
/// SignalR's delivery, replaced: a group that names a stream is that stream's feed with its cursors, any other group is a
/// plain set; and no send ever waits for a socket. The stock manager awaits every member, so that one stalled member holds
/// its whole group (dotnet/aspnetcore#33582).
/// </summary>
internal sealed class StreamLifetimeManager<THub>(Outboxes outboxes, Subscriptions subscriptions) : HubLifetimeManager<THub>
    where THub : Hub
{
    private readonly ConcurrentDictionary<string, Outbox> _connections = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<Outbox>> _groups = new(StringComparer.Ordinal);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        _connections[connection.ConnectionId] = outboxes.Open(connection);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _connections.TryRemove(connection.ConnectionId, out _);
        subscriptions.Forget(connection.ConnectionId);
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
            if (!await subscriptions.TryJoinAsync(connectionId, stream))
            {
                throw new HubException(ErrorCodes.SubscriptionLimit);
            }
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
            subscriptions.Leave(connectionId, groupName);
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
        Send(_connections.Values, methodName, args);

    public override Task SendAllExceptAsync(string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default) =>
        Send(_connections.Values.Where(o => !excludedConnectionIds.Contains(o.Connection.ConnectionId)), methodName, args);

    public override Task SendConnectionAsync(string connectionId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(_connections.TryGetValue(connectionId, out Outbox? outbox) ? [outbox] : [], methodName, args);

    public override Task SendConnectionsAsync(IReadOnlyList<string> connectionIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(connectionIds.Select(id => _connections.GetValueOrDefault(id)).OfType<Outbox>(), methodName, args);

    public override Task SendGroupAsync(string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(Members(groupName), methodName, args);

    public override Task SendGroupExceptAsync(string groupName, string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default) =>
        Send(Members(groupName).Where(o => !excludedConnectionIds.Contains(o.Connection.ConnectionId)), methodName, args);

    public override Task SendGroupsAsync(IReadOnlyList<string> groupNames, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(groupNames.SelectMany(Members).Distinct(), methodName, args);

    public override Task SendUserAsync(string userId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(_connections.Values.Where(o => string.Equals(o.Connection.UserIdentifier, userId, StringComparison.Ordinal)), methodName, args);

    public override Task SendUsersAsync(IReadOnlyList<string> userIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        Send(_connections.Values.Where(o => o.Connection.UserIdentifier is { } id && userIds.Contains(id)), methodName, args);

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

    /// <summary>A message that is in no log. A receiver that takes nothing any more loses it with its connection.</summary>
    private static Task Send(IEnumerable<Outbox> receivers, string methodName, object?[] args)
    {
        OutboundMessage? message = null;
        foreach (Outbox outbox in receivers)
        {
            message ??= new OutboundMessage(JsonInvocation.Frame(methodName, args));
            outbox.Send(message);
        }

        return Task.CompletedTask;
    }
}
