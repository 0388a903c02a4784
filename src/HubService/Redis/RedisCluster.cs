using System.Collections.Immutable;
using System.Threading.Channels;
using HubService.Cluster;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>
/// The nodes that share one Redis. Each says every so often that it lives and what it shares, and looks at the same time who
/// else does; whatever changes is announced, so that the others look at once. A node that cannot reach Redis keeps the nodes
/// it last saw: it cannot tell their silence from its own.
/// </summary>
internal sealed partial class RedisCluster : BackgroundService, ICluster
{
    /// <summary>Between two passes, so that what changes quickly is told together.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly IRedisLink _link;
    private readonly ClusterKeys _keys;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _silence;
    private readonly Registration _registration;
    private readonly NodeTable _table;
    private readonly NodeWords _words;
    private readonly SerialWork _work = new();
    private readonly NodeCallbacks _callbacks;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _passing = new(1);
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, ReadOnlyMemory<byte>> _facts = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;
    private long _version;
    private string _state = "works";
    private (string State, long Version) _announced = ("", 0);
    private bool _subscribe = true;
    private bool _failing;
    private long? _patientSince;
    private (long Now, long At) _clock;

    public RedisCluster(IRedisLink link, ClusterKeys keys, NodeName name, IOptions<ClusterOptions> options, TimeProvider time, ILogger<RedisCluster> logger)
    {
        Self = name.Unique();
        (_link, _keys, _time, _logger, _silence) = (link, keys, time, logger, options.Value.NodeTimeout);
        _registration = new Registration(Self, link, keys, _silence);
        _table = new NodeTable(Self);
        _callbacks = new NodeCallbacks(_work);
        _words = new NodeWords(Self, link, keys, _work, MarkUnreachable, time, logger);
        link.OnReconnected(() =>
        {
            Volatile.Write(ref _subscribe, true);
            Wake();
        });
    }

    public string Self { get; }

    public IReadOnlyList<string> Nodes => _table.Nodes;

    public bool Lives(string node) => _table.Lives(node);

    public void OnChanged(Action<NodesChanged> callback) => _callbacks.OnChanged(callback);

    public void OnShared(string topic, Action<string> callback) => _callbacks.OnShared(topic, callback);

    public void Handle(string topic, Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>> handler) => _words.Handle(topic, handler);

    public Task<ReadOnlyMemory<byte>> AskAsync(string node, string topic, ReadOnlyMemory<byte> message, TimeSpan within) => _words.AskAsync(node, topic, message, within);

    public async Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> AskOthersAsync(string topic, ReadOnlyMemory<byte> message, TimeSpan within)
    {
        IEnumerable<Task<(string Node, ReadOnlyMemory<byte>? Answer)>> asked = _table.Others.Select(async node =>
        {
            try
            {
                return (node, (ReadOnlyMemory<byte>?)await _words.AskAsync(node, topic, message, within));
            }
            catch (NodeException)
            {
                return (node, null);
            }
        });
        return (await Task.WhenAll(asked)).Where(a => a.Answer is not null).ToDictionary(a => a.Node, a => a.Answer!.Value, StringComparer.Ordinal);
    }

    public void Tell(string node, string topic, ReadOnlyMemory<byte> message) => _words.Tell(node, topic, message);

    public void TellOthers(string topic, ReadOnlyMemory<byte> message)
    {
        foreach (string node in _table.Others)
        {
            _words.Tell(node, topic, message);
        }
    }

    public void Share(string topic, ReadOnlyMemory<byte> fact)
    {
        lock (_gate)
        {
            if (_facts.TryGetValue(topic, out ReadOnlyMemory<byte> before) ? before.Span.SequenceEqual(fact.Span) : fact.IsEmpty)
            {
                return;
            }

            _facts = fact.IsEmpty ? _facts.Remove(topic) : _facts.SetItem(topic, fact.ToArray());
            _version++;
        }

        Wake();
    }

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> SharedByOthers(string topic) => _table.SharedUnder(topic);

    public async Task LeaveAsync()
    {
        lock (_gate)
        {
            _state = "left";
            Tell(_table.Leave());
        }

        await BeatOnceAsync();
    }

    /// <summary>Others may ask this node, and it knows the others, once it has started; when Redis goes away just then it starts alone and goes on trying.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await BeatOnceAsync();
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        lock (_gate)
        {
            _state = "gone";
        }

        await BeatOnceAsync();
        _work.Complete();
    }

    public override void Dispose()
    {
        _passing.Dispose();
        base.Dispose();
    }

    /// <summary>One pass: says that this node lives and what it shares, and takes in what the others say. False when Redis could not be asked.</summary>
    public async Task<bool> BeatOnceAsync()
    {
        await _passing.WaitAsync();
        try
        {
            await PassAsync();
            _failing = false;
            return true;
        }
        catch (Exception e) when (RedisFailure.IsTransient(e))
        {
            if (!_failing)
            {
                LogFailing(_logger, e.GetType().Name);
            }

            _failing = true;
            return false;
        }
        finally
        {
            _passing.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Pause, _time, stoppingToken);
                await WokenAsync((_silence / 4) - Pause, stoppingToken);
                await BeatOnceAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    private async Task PassAsync()
    {
        await SubscribeAsync();
        string state;
        long version;
        ImmutableDictionary<string, ReadOnlyMemory<byte>> facts;
        lock (_gate)
        {
            (state, version, facts) = (_state, _version, _facts);
        }

        if (_failing)
        {
            // The others could not beat either, or not be seen: each has the usual time to come back before it is gone.
            _patientSince = _time.GetTimestamp();
        }

        bool patient = IsPatient;
        long at = _time.GetTimestamp();
        BeatAnswer answer = await Bounded(_registration.BeatAsync(state, version, _announced.Version == version ? null : facts, clear: !patient, announce: _announced != (state, version)));
        _announced = answer.IsHeard ? (state, version) : _announced;
        lock (_gate)
        {
            // The earlier moment makes the clock fast rather than slow: a node is not taken for living by a beat before its death.
            _clock = (answer.Now, at);
            Tell(_table.Registered(answer.Nodes, complete: !patient));
            if (!answer.FactsKept && !facts.IsEmpty && state != "gone")
            {
                // Redis lost them: as if they were new, so that nobody takes their absence for what this node shares.
                _version++;
                Wake();
            }
        }

        if (!answer.IsHeard && state != "gone")
        {
            // That did not count.
            Volatile.Write(ref _subscribe, true);
            Wake();
        }

        await Task.WhenAll(_table.Unread.Select(ReadFactsAsync));
    }

    /// <summary>Whoever is missing now may only not have had the time to come back.</summary>
    private bool IsPatient => _failing || (_patientSince is { } since && _time.GetElapsedTime(since) < _silence);

    private async Task ReadFactsAsync(NodeBeat node)
    {
        IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> facts = await Bounded(_registration.FactsAsync(node.Node));
        lock (_gate)
        {
            Tell(_table.Shares(node.Node, node.Facts, facts));
        }
    }

    private void MarkUnreachable(string node)
    {
        lock (_gate)
        {
            if (!IsPatient)
            {
                Tell(_table.Unreachable(node, _clock.Now + (long)_time.GetElapsedTime(_clock.At).TotalMilliseconds));
            }
        }
    }

    private void Tell(TableChange change)
    {
        _words.Forget(change.Dead);
        _callbacks.Call(change);
        if (change.Nodes is { } nodes)
        {
            LogNodes(_logger, nodes.Came, nodes.Gone, nodes.Dead);
        }
    }

    private async Task SubscribeAsync()
    {
        if (!Interlocked.Exchange(ref _subscribe, false))
        {
            return;
        }

        try
        {
            // Ended first, since whatever this very connection still has would be heard twice; at once, so that nobody finds the channel without a listener.
            ISubscriber subscriber = _link.Subscriber;
            await Bounded(Task.WhenAll(
                subscriber.UnsubscribeAsync(_keys.Channel(Self)),
                subscriber.SubscribeAsync(_keys.Channel(Self), (_, word) => _words.Hear(word)),
                subscriber.UnsubscribeAsync(_keys.Changes),
                subscriber.SubscribeAsync(_keys.Changes, (_, node) => WakeFor(node))));
        }
        catch
        {
            Volatile.Write(ref _subscribe, true);
            throw;
        }
    }

    private void WakeFor(string? node)
    {
        if (node != Self)
        {
            Wake();
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task WokenAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(within > TimeSpan.Zero ? within : TimeSpan.Zero, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time of the next beat.
        }
    }

    private Task Bounded(Task operation) => operation.WaitAsync(_silence / 3, _time);

    private Task<T> Bounded<T>(Task<T> operation) => operation.WaitAsync(_silence / 3, _time);

    [LoggerMessage(Level = LogLevel.Information, Message = "Nodes that came: {Came}; that take no work any more: {Gone}; that died: {Dead}")]
    private static partial void LogNodes(ILogger logger, IReadOnlyList<string> came, IReadOnlyList<string> gone, IReadOnlyList<string> dead);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis cannot be asked who lives; this node keeps the nodes it last saw ({Reason})")]
    private static partial void LogFailing(ILogger logger, string reason);
}
