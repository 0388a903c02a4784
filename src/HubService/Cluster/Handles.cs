using HubService.Streams;

namespace HubService.Cluster;

/// <summary>Names this node's connections so that every node knows where they are, wherever a log is shared.</summary>
internal sealed class Handles(ICluster cluster, IEventLog log)
{
    /// <summary>True when a handle of this node means something to another.</summary>
    public bool AreShared => log.IsShared;

    public string Of(string connectionId) => new ConnectionHandle(log.IsShared ? cluster.Self : "", connectionId).ToString();

    /// <summary>The connection as its own node knows it.</summary>
    public static string ConnectionOf(string handle) => ConnectionHandle.Parse(handle).ConnectionId;

    /// <summary>The node that has the connection; empty when there is only one.</summary>
    public static string NodeOf(string handle) => ConnectionHandle.Parse(handle).Node;

    public bool IsHere(string handle) => ConnectionHandle.Parse(handle).IsOf(cluster);

    /// <summary>False when the connection went with its node.</summary>
    public bool MayLive(string handle) => IsHere(handle) || cluster.Lives(NodeOf(handle));
}
