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
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, Outbox>> _groups = new(StringComparer.Ordinal);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        _connections[connection.ConnectionId] = outboxes.Open(connection);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _connections.TryRemove(connection.ConnectionId, out _);
        subscriptions.Forget(connection.ConnectionId);
        foreach ((string name, ConcurrentDictionary<string, Outbox> members) in _groups)
        {
            Leave(name, members, connection.ConnectionId);
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
        else if (_connections.TryGetValue(connectionId, out Outbox? outbox))
        {
            _groups.GetOrAdd(groupName, static _ => new(StringComparer.Ordinal))[connectionId] = outbox;
        }
    }

    public override Task RemoveFromGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        if (StreamKey.TryParseGroup(groupName, out _))
        {
            subscriptions.Leave(connectionId, groupName);
        }
        else if (_groups.TryGetValue(groupName, out ConcurrentDictionary<string, Outbox>? members))
        {
            Leave(groupName, members, connectionId);
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

    private IEnumerable<Outbox> Members(string groupName) =>
        StreamKey.TryParseGroup(groupName, out _)
            ? _connections.Values.Where(o => o.Find(groupName) is not null)
            : _groups.TryGetValue(groupName, out ConcurrentDictionary<string, Outbox>? members) ? members.Values : [];

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

    private void Leave(string name, ConcurrentDictionary<string, Outbox> members, string connectionId)
    {
        if (members.TryRemove(connectionId, out _) && members.IsEmpty)
        {
            _groups.TryRemove(new KeyValuePair<string, ConcurrentDictionary<string, Outbox>>(name, members));
        }
    }
}
