using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging;

namespace HubService.Benchmarks.Bare;

/// <summary>
/// SignalR's own delivery with groups that reach the members of every node: a group send is serialised once, published on the
/// group's channel, and written by each node to its members, as a backplane over Redis does it.
/// </summary>
internal sealed class BridgedLifetimeManager(RedisBridge bridge, IHubProtocolResolver protocols, ILogger<DefaultHubLifetimeManager<BareHub>> logger) : DefaultHubLifetimeManager<BareHub>(logger)
{
    private readonly IHubProtocol _json = protocols.GetProtocol("json", null)!;
    private readonly ConcurrentDictionary<string, HubConnectionContext> _connections = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Group> _groups = new(StringComparer.Ordinal);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        _connections[connection.ConnectionId] = connection;
        return base.OnConnectedAsync(connection);
    }

    public override async Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _connections.TryRemove(connection.ConnectionId, out _);
        foreach (string name in _groups.Where(g => g.Value.Members.ContainsKey(connection.ConnectionId)).Select(g => g.Key).ToList())
        {
            await RemoveFromGroupAsync(connection.ConnectionId, name);
        }

        await base.OnDisconnectedAsync(connection);
    }

    public override async Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        if (!_connections.TryGetValue(connectionId, out HubConnectionContext? connection))
        {
            return;
        }

        Group group = _groups.GetOrAdd(groupName, static _ => new Group());
        group.Members[connectionId] = connection;
        await group.OpenAsync(() => bridge.SubscribeAsync(groupName, frame => Deliver(group, frame)));
    }

    public override async Task RemoveFromGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        if (_groups.TryGetValue(groupName, out Group? group) && group.Members.TryRemove(connectionId, out _) && group.Members.IsEmpty && _groups.TryRemove(groupName, out _))
        {
            await bridge.UnsubscribeAsync(groupName);
        }
    }

    public override Task SendGroupAsync(string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        bridge.PublishAsync(groupName, _json.GetMessageBytes(new InvocationMessage(methodName, args)).ToArray());

    private void Deliver(Group group, byte[] frame)
    {
        var message = new SerializedHubMessage([new SerializedMessage(_json.Name, frame)]);
        foreach ((_, HubConnectionContext member) in group.Members)
        {
            ValueTask write = member.WriteAsync(message);
            if (!write.IsCompletedSuccessfully)
            {
                _ = write.AsTask();
            }
        }
    }

    private sealed class Group
    {
        private readonly Lock _gate = new();
        private Task? _opened;

        public ConcurrentDictionary<string, HubConnectionContext> Members { get; } = new(StringComparer.Ordinal);

        /// <summary>Once; whoever comes later waits for it.</summary>
        public Task OpenAsync(Func<Task> open)
        {
            lock (_gate)
            {
                return _opened ??= open();
            }
        }
    }
}
