namespace HubService.Cluster;

/// <summary>
/// The nodes that serve the same streams: who of them lives, and words between them. What one node shares is gone with it, so
/// a killed node leaves nothing behind. Implementations: <see cref="SingleNode"/>, Redis. Every member may be called from any thread.
/// </summary>
internal interface ICluster
{
    /// <summary>This process. No other start of any node ever has the same one. Letters, digits, dots, underscores and hyphens.</summary>
    string Self { get; }

    /// <summary>The nodes that take work, in ordinal order; this one included unless it has left. Replaced, never changed.</summary>
    IReadOnlyList<string> Nodes { get; }

    /// <summary>Calls back after <see cref="Nodes"/> changed, one call at a time, on no particular thread. The callback must not block or throw.</summary>
    void OnChanged(Action<NodesChanged> callback);

    /// <summary>Calls back with the node after another node shared something else under the topic, as <see cref="OnChanged"/> does.</summary>
    void OnShared(string topic, Action<string> callback);

    /// <summary>Says what to do when a node, also this one, asks or tells something under a topic. One handler per topic, set before the cluster starts.</summary>
    void Handle(string topic, Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>> handler);

    /// <summary>Asks one node, which may be this one, and gives its answer.</summary>
    /// <exception cref="NodeException">The node is not there, its handler failed, or nothing came within the time; the exception says whether it may have acted.</exception>
    Task<ReadOnlyMemory<byte>> AskAsync(string node, string topic, ReadOnlyMemory<byte> message, TimeSpan within);

    /// <summary>Asks every other node at once; gives the answers that came within the time, by node.</summary>
    Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> AskOthersAsync(string topic, ReadOnlyMemory<byte> message, TimeSpan within);

    /// <summary>Tells one node, which may be this one; messages to one node arrive in the order of the calls, or, when the connection between fails, not at all.</summary>
    void Tell(string node, string topic, ReadOnlyMemory<byte> message);

    /// <summary>Tells every other node, as <see cref="Tell"/> does.</summary>
    void TellOthers(string topic, ReadOnlyMemory<byte> message);

    /// <summary>Replaces what this node shares under a topic; others see it within about a second, for as long as this node lives. Empty shares nothing.</summary>
    void Share(string topic, ReadOnlyMemory<byte> fact);

    /// <summary>What the other living nodes share under a topic, by node.</summary>
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> SharedByOthers(string topic);

    /// <summary>Takes this node out of <see cref="Nodes"/> everywhere, before it stops; it still answers.</summary>
    Task LeaveAsync();
}

/// <summary>Which nodes came and which are gone; a node that left to stop is gone as well.</summary>
internal sealed record NodesChanged(IReadOnlyList<string> Came, IReadOnlyList<string> Gone);

/// <summary>A node could not be asked.</summary>
/// <param name="maybeDone">True when the node may have acted on what it was asked.</param>
internal sealed class NodeException(bool maybeDone, string message, Exception? inner = null) : Exception(message, inner)
{
    public bool MaybeDone { get; } = maybeDone;
}
