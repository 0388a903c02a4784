using System.Collections.Concurrent;
using HubService.Cluster;

namespace HubService.Delivery;

/// <summary>Carries sends to the nodes that have the connections they are for, and hands what other nodes send to the hub it is of.</summary>
internal sealed class RemoteSends(ICluster cluster)
{
    private const string Topic = "delivery.send";

    private readonly ConcurrentDictionary<string, Action<RemoteSend>> _hubs = new(StringComparer.Ordinal);

    public ICluster Cluster => cluster;

    /// <summary>Lets other nodes send; before the cluster starts.</summary>
    public void Listen() => cluster.Handle(Topic, message =>
    {
        RemoteSend send = RemoteSend.Read(message);
        if (_hubs.TryGetValue(send.Hub, out Action<RemoteSend>? deliver))
        {
            deliver(send);
        }

        // Else nobody has connected to that hub here.
        return Task.FromResult(ReadOnlyMemory<byte>.Empty);
    });

    /// <summary>Says how a hub delivers to the connections of this node. It must not block.</summary>
    public void Deliver(string hub, Action<RemoteSend> deliver) => _hubs[hub] = deliver;

    public void To(string node, RemoteSend send) => cluster.Tell(node, Topic, send.ToBytes());

    public void ToOthers(RemoteSend send) => cluster.TellOthers(Topic, send.ToBytes());
}
