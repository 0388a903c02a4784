using HubService.Cluster;

namespace HubService.Delivery;

/// <summary>A connection as every node can name it: <c>node|connectionId</c>. A connection id alone is one of this node.</summary>
internal readonly record struct ConnectionHandle(string Node, string ConnectionId)
{
    public static ConnectionHandle Of(ICluster cluster, string name)
    {
        int bar = name.IndexOf('|', StringComparison.Ordinal);
        return bar < 0 ? new ConnectionHandle(cluster.Self, name) : new ConnectionHandle(name[..bar], name[(bar + 1)..]);
    }

    public override string ToString() => $"{Node}|{ConnectionId}";
}
