using System.Collections.Concurrent;
using System.Collections.Immutable;
using HubService.Cluster;

namespace HubService.Tests.Cluster;

/// <summary>One node of a <see cref="TestCluster"/>.</summary>
internal sealed class TestNode(TestCluster net, string name) : ICluster
{
    private readonly ConcurrentDictionary<string, Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>>> _handlers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Queue<Action> _heard = [];
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hearing;
    private ImmutableArray<string> _nodes = [name];
    private ImmutableArray<string> _living = [name];
    private ImmutableArray<Action<NodesChanged>> _onChanged = [];
    private ImmutableArray<(string Topic, Action<string> Callback)> _onShared = [];
    private ImmutableDictionary<string, ReadOnlyMemory<byte>> _facts = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;

    public NodeState State { get; set; }

    public string Self => name;

    public IReadOnlyList<string> Nodes => _nodes;

    internal bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_hearing;
            }
        }
    }

    /// <summary>Ends it without a word, as kill -9 and the others' patience do.</summary>
    public void Kill()
    {
        Vanish(NodeState.Killed);
        _killed.TrySetResult();
    }

    /// <summary>The others lose it; it hears nothing and keeps the nodes it last saw.</summary>
    public void CutOff() => Vanish(NodeState.CutOff);

    /// <summary>It is back after <see cref="CutOff"/>.</summary>
    public void Mend()
    {
        net.Change(() => State = NodeState.Works);
        foreach (TestNode other in net.Others(this))
        {
            TellShared(other, this, _facts.Keys);
            TellShared(this, other, other._facts.Keys);
        }
    }

    public bool Lives(string node) => node == name || _living.Contains(node);

    public void OnChanged(Action<NodesChanged> callback) => _onChanged = _onChanged.Add(callback);

    public void OnShared(string topic, Action<string> callback) => _onShared = _onShared.Add((topic, callback));

    public void Handle(string topic, Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>> handler) => _handlers[topic] = handler;

    public async Task<ReadOnlyMemory<byte>> AskAsync(string node, string topic, ReadOnlyMemory<byte> message, TimeSpan within)
    {
        if (net.Reach(this, node) is not { } asked)
        {
            throw new NodeException(maybeDone: false, $"There is no node '{node}'.");
        }

        if (net.Loses?.Invoke(Self, node, topic) is true)
        {
            throw new NodeException(maybeDone: true, $"The node '{node}' did not answer {topic} within {within}.");
        }

        try
        {
            Task<ReadOnlyMemory<byte>> answer = asked.AnswerAsync(topic, message.ToArray());
            await Task.WhenAny(answer, asked._killed.Task).WaitAsync(within, TimeProvider.System);
            return answer.IsCompleted && net.LosesAnswer?.Invoke(Self, node, topic) is not true
                ? await answer
                : throw new NodeException(maybeDone: true, $"The node '{node}' did not answer {topic}.");
        }
        catch (Exception e) when (e is not NodeException)
        {
            throw new NodeException(maybeDone: true, $"The node '{node}' failed to answer {topic}.", e);
        }
    }

    public async Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> AskOthersAsync(string topic, ReadOnlyMemory<byte> message, TimeSpan within)
    {
        var answers = new ConcurrentDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        await Task.WhenAll(net.Others(this).Select(async other =>
        {
            try
            {
                answers[other.Self] = await AskAsync(other.Self, topic, message, within);
            }
            catch (NodeException)
            {
                // It has no answer.
            }
        }));
        return answers;
    }

    public void Tell(string node, string topic, ReadOnlyMemory<byte> message)
    {
        if (net.Reach(this, node) is { } told && net.Loses?.Invoke(Self, node, topic) is not true)
        {
            _ = told.AnswerAsync(topic, message.ToArray());
        }
    }

    public void TellOthers(string topic, ReadOnlyMemory<byte> message)
    {
        foreach (TestNode other in net.Others(this))
        {
            Tell(other.Self, topic, message);
        }
    }

    public void Share(string topic, ReadOnlyMemory<byte> fact)
    {
        ReadOnlyMemory<byte> before = _facts.GetValueOrDefault(topic);
        _facts = fact.IsEmpty ? _facts.Remove(topic) : _facts.SetItem(topic, fact.ToArray());
        if (!before.Span.SequenceEqual(fact.Span))
        {
            TellShared(this, [topic]);
        }
    }

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> SharedByOthers(string topic) =>
        net.Others(this).Where(o => o._facts.ContainsKey(topic)).ToDictionary(o => o.Self, o => o._facts[topic]);

    public Task LeaveAsync()
    {
        net.Change(() => State = State == NodeState.Works ? NodeState.Left : State);
        return Task.CompletedTask;
    }

    /// <param name="nodes">Null: it cannot see them now.</param>
    internal void SeeUnsynchronized(ImmutableArray<string>? nodes, ImmutableArray<string> living)
    {
        if (State == NodeState.Killed || nodes is not { } seen)
        {
            return;
        }

        var change = new NodesChanged([.. seen.Except(_nodes, StringComparer.Ordinal)], [.. _nodes.Except(seen, StringComparer.Ordinal)], [.. _living.Except(living, StringComparer.Ordinal)]);
        (_nodes, _living) = (seen, living);
        if (change.Came.Count + change.Gone.Count + change.Dead.Count > 0)
        {
            Hear(() => Array.ForEach([.. _onChanged], callback => callback(change)));
        }
    }

    private void Vanish(NodeState state)
    {
        TestNode[] others = net.Others(this);
        net.Change(() => State = state);
        foreach (TestNode other in others)
        {
            TellShared(other, this, _facts.Keys);
        }
    }

    private void TellShared(TestNode by, IEnumerable<string> topics)
    {
        foreach (TestNode other in net.Others(by))
        {
            TellShared(other, by, topics);
        }
    }

    private static void TellShared(TestNode to, TestNode by, IEnumerable<string> topics)
    {
        HashSet<string> changed = [.. topics];
        to.Hear(() =>
        {
            foreach ((string topic, Action<string> callback) in to._onShared)
            {
                if (changed.Contains(topic))
                {
                    callback(by.Self);
                }
            }
        });
    }

    /// <summary>Begins to answer in the order of the calls; an answer that takes its time holds up nobody.</summary>
    private async Task<ReadOnlyMemory<byte>> AnswerAsync(string topic, ReadOnlyMemory<byte> message)
    {
        var begun = new TaskCompletionSource<Task<ReadOnlyMemory<byte>>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Hear(() =>
        {
            try
            {
                begun.SetResult(_handlers[topic](message));
            }
            catch (Exception e)
            {
                begun.SetException(e);
            }
        });
        return await await begun.Task;
    }

    private void Hear(Action heard)
    {
        lock (_gate)
        {
            _heard.Enqueue(heard);
            if (_hearing)
            {
                return;
            }

            _hearing = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => self.HearAll(), this, preferLocal: false);
    }

    private void HearAll()
    {
        while (true)
        {
            Action next;
            lock (_gate)
            {
                if (!_heard.TryDequeue(out next!))
                {
                    _hearing = false;
                    return;
                }
            }

            next();
        }
    }
}
