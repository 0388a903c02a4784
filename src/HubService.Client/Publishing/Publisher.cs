using HubService.Contracts;

namespace HubService.Client;

/// <summary>One client's way out: a queue per stream, made when needed.</summary>
internal sealed class Publisher<TEvent> : IDisposable
{
    private const int FewQueues = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PublishQueue<TEvent>> _queues = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly HubLink _link;
    private readonly string _kind;
    private readonly Action<RolledBackEventArgs> _rolledBack;
    private readonly HubServiceClientOptions _options;
    private int _forgetAt = FewQueues;
    private int _waiting;
    private long _waitingBytes;

    /// <param name="kind">A <see cref="StreamKind"/>.</param>
    /// <param name="rolledBack">Told on no particular thread; must not block or throw.</param>
    public Publisher(HubLink link, string kind, Action<RolledBackEventArgs> rolledBack, HubServiceClientOptions options)
    {
        (_link, _kind, _rolledBack, _options) = (link, kind, rolledBack, options);
        link.On<SessionEvent<StreamReset>>(nameof(ISessionClient.Reset), e => Reset(e.Payload));
    }

    /// <summary>Takes its place in the stream's order before this returns; fails with <c>queue_full</c> when too much waits, unless <paramref name="evenWhenFull"/>, and with <c>payload_too_large</c> when no hub would take it.</summary>
    /// <param name="id">The thread's or project's id.</param>
    /// <param name="bytes">About how large the event is on the wire.</param>
    /// <param name="evenWhenFull">It is taken however much waits.</param>
    public Task<PublishResult> Enqueue(string id, TEvent e, int bytes, bool evenWhenFull = false)
    {
        if (bytes > PublishQueue<TEvent>.MaxBytes)
        {
            // The hub ends a connection that sends such a message, and would end the next one as well.
            return Task.FromException<PublishResult>(HubClientException.TooLarge(bytes, PublishQueue<TEvent>.MaxBytes));
        }

        lock (_gate)
        {
            if (!evenWhenFull && (Volatile.Read(ref _waiting) >= _options.QueuedEvents || Volatile.Read(ref _waitingBytes) >= _options.QueuedBytes))
            {
                return Task.FromException<PublishResult>(HubClientException.QueueFull());
            }

            if (!_queues.TryGetValue(id, out PublishQueue<TEvent>? queue))
            {
                ForgetIdleUnsynchronized();
                _queues[id] = queue = new PublishQueue<TEvent>(
                    (batch, ct) => SendAsync(id, batch, ct),
                    (position, ct) => ResetAfterAsync(id, position, ct),
                    (reset, count) => _rolledBack(new RolledBackEventArgs(new StreamId(_kind, id), count, reset.Epoch, reset.LastValid)),
                    Settled,
                    _options,
                    _stop.Token);
            }

            Interlocked.Increment(ref _waiting);
            Interlocked.Add(ref _waitingBytes, bytes);
            return queue.Enqueue(e, bytes);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <summary>Takes no lock: a queue calls it under its own.</summary>
    private void Settled(int bytes)
    {
        Interlocked.Decrement(ref _waiting);
        Interlocked.Add(ref _waitingBytes, -bytes);
    }

    private void Reset(StreamReset reset)
    {
        PublishQueue<TEvent>? queue;
        lock (_gate)
        {
            queue = reset.Stream.StartsWith($"{_kind}:", StringComparison.Ordinal) ? _queues.GetValueOrDefault(reset.Stream[(_kind.Length + 1)..]) : null;
        }

        queue?.Doubt(reset);
    }

    private async Task<IReadOnlyList<PublishResult>> SendAsync(string id, IReadOnlyList<TEvent> batch, CancellationToken cancellationToken) =>
        (await _link.CallAsync<PublishResults>("Publish", [id, batch], cancellationToken)).Results;

    private async Task<StreamReset?> ResetAfterAsync(string id, StreamPosition position, CancellationToken cancellationToken) =>
        (await _link.CallAsync<EventPage>("GetHistory", [id, position.ToString(), null, 1], cancellationToken)).Reset;

    private void ForgetIdleUnsynchronized()
    {
        if (_queues.Count >= _forgetAt)
        {
            foreach (string idle in _queues.Where(q => q.Value.Idle).Select(q => q.Key).ToArray())
            {
                _queues.Remove(idle);
            }

            // So that many streams in use are not looked through for every new one.
            _forgetAt = Math.Max(FewQueues, 2 * _queues.Count);
        }
    }
}
