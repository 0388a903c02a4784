using System.Collections.Immutable;
using HubService.Cluster;

namespace HubService.Redis;

/// <summary>One node as it is registered.</summary>
/// <param name="At">Its last beat in ms of Redis' clock.</param>
/// <param name="Works">False when it left and only answers.</param>
/// <param name="Facts">The version of what it shares.</param>
internal readonly record struct NodeBeat(string Node, long At, bool Works, long Facts);

/// <summary>What changed with a step of <see cref="NodeTable"/>.</summary>
/// <param name="Nodes">Null when the nodes that take work are the same and none died.</param>
/// <param name="Shared">By topic and node: what is shared now is another, or none.</param>
/// <param name="Dead">Nodes that cannot be reached any more.</param>
internal sealed record TableChange(NodesChanged? Nodes, IReadOnlyList<(string Topic, string Node)> Shared, IReadOnlyList<string> Dead);

/// <summary>Who lives, as far as this node knows, and what they share. Its owner takes one step at a time; anybody may read.</summary>
internal sealed class NodeTable(string self)
{
    private static readonly ImmutableDictionary<string, ReadOnlyMemory<byte>> NoFacts = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;

    private ImmutableDictionary<string, Other> _others = ImmutableDictionary<string, Other>.Empty;
    private bool _left;

    /// <param name="UnreachableAt">By Redis' clock: then nobody listened to it. Living again with a later beat.</param>
    /// <param name="FactsRead">The version of <paramref name="Shared"/>; a node that never shared anything has 0.</param>
    private sealed record Other(NodeBeat Beat, long UnreachableAt, long FactsRead, ImmutableDictionary<string, ReadOnlyMemory<byte>> Shared)
    {
        public bool Lives => Beat.At > UnreachableAt;
    }

    /// <summary>Those that take work, in order.</summary>
    public IReadOnlyList<string> Nodes { get; private set; } = [self];

    /// <summary>All that live besides this one, also those that left.</summary>
    public IEnumerable<string> Others => _others.Values.Where(o => o.Lives).Select(o => o.Beat.Node);

    public bool Lives(string node) => node == self || (_others.TryGetValue(node, out Other? other) && other.Lives);

    /// <summary>Nodes whose facts are older here than what they share now.</summary>
    public IReadOnlyList<NodeBeat> Unread => [.. _others.Values.Where(o => o.Beat.Facts != o.FactsRead).Select(o => o.Beat)];

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> SharedUnder(string topic) =>
        _others.Values.Where(o => o.Lives && o.Shared.ContainsKey(topic)).ToDictionary(o => o.Beat.Node, o => o.Shared[topic], StringComparer.Ordinal);

    /// <summary>The nodes that were found registered and not silent.</summary>
    /// <param name="complete">False: who is missing may only not have come to say that it lives, and is kept.</param>
    public TableChange Registered(IEnumerable<NodeBeat> nodes, bool complete)
    {
        ImmutableDictionary<string, Other>.Builder next = (complete ? ImmutableDictionary<string, Other>.Empty : _others).ToBuilder();
        foreach (NodeBeat node in nodes.Where(n => n.Node != self))
        {
            next[node.Node] = _others.TryGetValue(node.Node, out Other? known) ? known with { Beat = node } : new Other(node, long.MinValue, 0, NoFacts);
        }

        return Become(next.ToImmutable());
    }

    /// <summary>Nobody listened to the node's channel.</summary>
    /// <param name="at">By Redis' clock.</param>
    public TableChange Unreachable(string node, long at) =>
        Become(_others.TryGetValue(node, out Other? known) ? _others.SetItem(node, known with { UnreachableAt = at }) : _others);

    /// <summary>What the node shares as of a version.</summary>
    public TableChange Shares(string node, long version, IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> facts) =>
        Become(_others.TryGetValue(node, out Other? known) ? _others.SetItem(node, known with { FactsRead = version, Shared = NoFacts.AddRange(facts) }) : _others);

    /// <summary>This node takes no work any more.</summary>
    public TableChange Leave()
    {
        _left = true;
        return Become(_others);
    }

    private TableChange Become(ImmutableDictionary<string, Other> others)
    {
        ImmutableDictionary<string, Other> before = _others;
        IReadOnlyList<string> nodesBefore = Nodes;
        IEnumerable<string> working = others.Values.Where(o => o.Lives && o.Beat.Works).Select(o => o.Beat.Node);
        string[] nodes = [.. (_left ? working : working.Append(self)).Order(StringComparer.Ordinal)];
        _others = others;
        if (!nodes.SequenceEqual(nodesBefore))
        {
            Nodes = nodes;
        }

        string[] dead = [.. before.Values.Where(o => o.Lives && !(others.TryGetValue(o.Beat.Node, out Other? now) && now.Lives)).Select(o => o.Beat.Node)];
        return new TableChange(
            ReferenceEquals(Nodes, nodesBefore) && dead.Length == 0 ? null : new NodesChanged([.. nodes.Except(nodesBefore)], [.. nodesBefore.Except(nodes)], dead),
            [.. before.Keys.Union(others.Keys).SelectMany(node => ChangedTopics(SharedBy(before, node), SharedBy(others, node)).Select(topic => (topic, node)))],
            dead);
    }

    private static ImmutableDictionary<string, ReadOnlyMemory<byte>> SharedBy(ImmutableDictionary<string, Other> others, string node) =>
        others.TryGetValue(node, out Other? other) && other.Lives ? other.Shared : NoFacts;

    private static IEnumerable<string> ChangedTopics(ImmutableDictionary<string, ReadOnlyMemory<byte>> before, ImmutableDictionary<string, ReadOnlyMemory<byte>> now) =>
        ReferenceEquals(before, now) ? [] : before.Keys.Union(now.Keys).Where(t => before.ContainsKey(t) != now.ContainsKey(t) || !before[t].Span.SequenceEqual(now[t].Span));
}
