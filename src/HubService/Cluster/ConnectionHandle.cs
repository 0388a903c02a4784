namespace HubService.Cluster;

/// <summary>A connection as every node can name it: <c>node|connection</c>. Without a node it is one of the node that is asked.</summary>
internal readonly record struct ConnectionHandle(string Node, string ConnectionId)
{
    private const char Divider = '|';

    public static ConnectionHandle Parse(string name)
    {
        int bar = name.IndexOf(Divider, StringComparison.Ordinal);
        return bar < 0 ? new ConnectionHandle("", name) : new ConnectionHandle(name[..bar], name[(bar + 1)..]);
    }

    public bool IsOf(ICluster cluster) => Node.Length == 0 || Node == cluster.Self;

    public override string ToString() => Node.Length == 0 ? ConnectionId : $"{Node}{Divider}{ConnectionId}";
}
