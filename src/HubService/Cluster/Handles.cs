using HubService.Streams;

namespace HubService.Cluster;

/// <summary>Names a connection so that every node knows where it is: <c>node|connection</c>; where no log is shared, the connection alone.</summary>
internal sealed class Handles(ICluster cluster, IEventLog log)
{
    private const char Divider = '|';

    public string Of(string connectionId) => log.IsShared ? $"{cluster.Self}{Divider}{connectionId}" : connectionId;

    /// <summary>True when a handle of this node means something to another.</summary>
    public bool AreShared => log.IsShared;

    /// <summary>The connection as its own node knows it.</summary>
    public static string ConnectionOf(string handle) => handle[(handle.IndexOf(Divider, StringComparison.Ordinal) + 1)..];

    /// <summary>The node that has the connection; empty when there is only one.</summary>
    public static string NodeOf(string handle) => handle[..Math.Max(0, handle.IndexOf(Divider, StringComparison.Ordinal))];

    public bool IsHere(string handle) => NodeOf(handle) is var node && (node.Length == 0 || node == cluster.Self);

    /// <summary>False when the connection went with its node, or soon will.</summary>
    public bool MayLive(string handle) => NodeOf(handle) is var node && (node.Length == 0 || node == cluster.Self || cluster.Nodes.Contains(node));
}
