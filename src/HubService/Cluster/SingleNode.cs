using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace HubService.Cluster;

/// <summary>A service of one node: whatever it asks, it asks itself.</summary>
internal sealed class SingleNode : ICluster
{
    private static readonly FrozenDictionary<string, ReadOnlyMemory<byte>> Nothing = FrozenDictionary<string, ReadOnlyMemory<byte>>.Empty;

    private readonly ConcurrentDictionary<string, Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>>> _handlers = new(StringComparer.Ordinal);

    public SingleNode(NodeName name)
    {
        Self = name.Unique();
        Nodes = [Self];
    }

    public string Self { get; }

    public IReadOnlyList<string> Nodes { get; }

    public void OnChanged(Action<NodesChanged> callback)
    {
        // Nothing ever changes.
    }

    public void OnShared(string topic, Action<string> callback)
    {
        // There is nobody who could share.
    }

    public void Handle(string topic, Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>> handler) => _handlers[topic] = handler;

    public async Task<ReadOnlyMemory<byte>> AskAsync(string node, string topic, ReadOnlyMemory<byte> message, TimeSpan within)
    {
        if (node != Self)
        {
            throw new NodeException(maybeDone: false, $"There is no node '{node}'.");
        }

        try
        {
            return await _handlers[topic](message);
        }
        catch (Exception e) when (e is not NodeException)
        {
            throw new NodeException(maybeDone: true, $"This node failed to answer {topic}.", e);
        }
    }

    public Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> AskOthersAsync(string topic, ReadOnlyMemory<byte> message, TimeSpan within) =>
        Task.FromResult<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>>(Nothing);

    public void Tell(string node, string topic, ReadOnlyMemory<byte> message)
    {
        if (node == Self)
        {
            _ = _handlers[topic](message);
        }
    }

    public void TellOthers(string topic, ReadOnlyMemory<byte> message)
    {
        // There are none.
    }

    public void Share(string topic, ReadOnlyMemory<byte> fact)
    {
        // Nobody would see it.
    }

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> SharedByOthers(string topic) => Nothing;

    public Task LeaveAsync() => Task.CompletedTask;
}
