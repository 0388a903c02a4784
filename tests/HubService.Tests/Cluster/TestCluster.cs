using HubService.Cluster;

namespace HubService.Tests.Cluster;

/// <summary>
/// A network in memory of the nodes of one service. A node is an <see cref="ICluster"/>; it joins, is killed, is cut off and
/// mended, and words between nodes can be lost. Whatever a node hears it hears in order, one thing at a time, on no
/// particular thread; <see cref="SettleAsync"/> waits until nothing is on its way.
/// </summary>
internal sealed class TestCluster
{
    private readonly Lock _gate = new();
    private readonly List<TestNode> _nodes = [];
    private int _joined;

    /// <summary>From, to, topic: true when this word is lost. Whoever asked then gets no answer within the time, at once.</summary>
    public Func<string, string, string, bool>? Loses { get; set; }

    /// <summary>From, to, topic: true when the answer from that node is lost, after it did what it was asked.</summary>
    public Func<string, string, string, bool>? LosesAnswer { get; set; }

    /// <summary>A node that takes work at once, with what it answers to given before anybody can ask.</summary>
    public TestNode Join(string? name = null, Action<TestNode>? prepare = null)
    {
        var node = new TestNode(this, name ?? $"node{Interlocked.Increment(ref _joined)}");
        prepare?.Invoke(node);
        Change(() =>
        {
            _nodes.Add(node);
            node.State = NodeState.Works;
        });
        return node;
    }

    /// <summary>Returns when no word and no callback is on its way, nor caused by one that was.</summary>
    public async Task SettleAsync()
    {
        int quiet = 0;
        while (quiet < 2)
        {
            TestNode[] all = Unsynchronized(() => _nodes.ToArray());
            quiet = all.All(n => n.IsIdle) ? quiet + 1 : 0;
            await Task.Yield();
        }
    }

    /// <summary>Changes who is there; every node that can hear is told what it means for it.</summary>
    internal void Change(Action change)
    {
        lock (_gate)
        {
            change();
            foreach (TestNode node in _nodes)
            {
                node.SeeUnsynchronized(
                    node.State == NodeState.CutOff ? null : [.. _nodes.Where(n => n.State == NodeState.Works).Select(n => n.Self).Order(StringComparer.Ordinal)],
                    [.. _nodes.Where(n => n.State is NodeState.Works or NodeState.Left).Select(n => n.Self)]);
            }
        }
    }

    internal T Unsynchronized<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    /// <summary>The node when a word from the other reaches it; null when there is none.</summary>
    internal TestNode? Reach(TestNode from, string to) => Unsynchronized(() =>
        from.State is NodeState.Works or NodeState.Left ? _nodes.Find(n => n.Self == to && n.State is NodeState.Works or NodeState.Left) : from.Self == to ? from : null);

    /// <summary>Every other node that can be reached.</summary>
    internal TestNode[] Others(TestNode of) => Unsynchronized(() =>
        of.State is NodeState.Works or NodeState.Left ? _nodes.Where(n => n != of && n.State is NodeState.Works or NodeState.Left).ToArray() : []);
}

internal enum NodeState
{
    Joins,
    Works,

    /// <summary>Takes no work any more, and answers.</summary>
    Left,

    /// <summary>Gone for the others; keeps what it last saw.</summary>
    CutOff,
    Killed,
}
