using HubService.Contracts;
using Microsoft.Extensions.Logging;

namespace HubService.Client;

/// <summary>
/// Keeps one stream's subscription at the hub in step with its local subscribers. A new subscriber, a reconnect, a gap and a
/// slow subscriber are one thing: subscribe again from the lowest position; what a subscriber has already seen it drops.
/// </summary>
internal sealed partial class StreamFeed(StreamId stream, FeedPort port, HubServiceClientOptions options, CancellationToken stop)
{
    private readonly Lock _gate = new();
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger("HubService.Client.Streams");
    private readonly List<Subscriber> _members = [];
    private bool _syncWanted;
    private bool _syncing;
    private bool _asking;
    private bool _subscribed;
    private int _fruitless;
    private int _askedOn;
    private StreamPosition _head;
    private StreamPosition? _missed;
    private RecoveryReason? _reason;
    private RecoveryReason? _askedBecause;

    /// <summary>Gaps seen while the subscription was in step: the hub broke its promise; they were repaired.</summary>
    public long Gaps { get; private set; }

    /// <summary>True when nobody is subscribed and nothing is left to tell the hub.</summary>
    public bool Idle
    {
        get
        {
            lock (_gate)
            {
                return _members.Count == 0 && !_syncing;
            }
        }
    }

    public void Add(Subscriber member)
    {
        lock (_gate)
        {
            _members.Add(member);
            SubscribeUnsynchronized(RecoveryReason.Subscribed);
        }
    }

    public void Remove(Subscriber member)
    {
        lock (_gate)
        {
            _members.Remove(member);
            if (_members.Count == 0)
            {
                SyncUnsynchronized();
            }
        }
    }

    /// <summary>The reader has emptied its buffer; goes on from its position if it was paused.</summary>
    public void Drained(Subscriber member)
    {
        lock (_gate)
        {
            if (member.Paused)
            {
                member.ResumeUnsynchronized();
                SubscribeUnsynchronized(RecoveryReason.SlowSubscriber);
            }
        }
    }

    /// <summary>There is a new connection, which knows nothing of this stream unless it was asked already.</summary>
    public void Reconnected(int connection)
    {
        lock (_gate)
        {
            if (_askedOn < connection)
            {
                (_subscribed, _fruitless) = (false, 0);
                SubscribeUnsynchronized(_askedOn > 0 ? RecoveryReason.Resumed : RecoveryReason.Subscribed);
            }
        }
    }

    /// <summary>Ends every subscriber with the error.</summary>
    public void Fail(Exception error)
    {
        lock (_gate)
        {
            (_asking, _subscribed) = (false, false);
            _members.ForEach(m => m.Fail(error));
            _members.Clear();
        }
    }

    public void Event(StreamPosition position, StreamItem item) =>
        Each(m => m.EventUnsynchronized(position, item), position);

    public void HistoryLost(long from, long to) =>
        Each(m => m.HistoryLostUnsynchronized(from, to), null);

    public void Reset(string epoch, long lastValid)
    {
        Each(m => m.ResetUnsynchronized(epoch, lastValid), null);
        lock (_gate)
        {
            // Members of other positions are served once everybody stands in the same epoch. Without an epoch the stream may be
            // out of reach by now, which only the answer to Subscribe tells.
            if (_members.Count > 1 || epoch.Length == 0)
            {
                SubscribeUnsynchronized(RecoveryReason.Reset);
            }
        }
    }

    public void Greet(Func<StreamPosition?, StreamItem> item)
    {
        lock (_gate)
        {
            _members.ForEach(m => m.GreetUnsynchronized(item));
        }
    }

    private void Each(Func<Subscriber, CursorVerdict> offer, StreamPosition? position)
    {
        lock (_gate)
        {
            foreach (Subscriber member in _members)
            {
                if (member.Paused)
                {
                    continue;
                }

                if (member.Cursor.Position is null)
                {
                    // Only the answer to Subscribe says where the present begins.
                    _missed = position ?? _missed;
                    continue;
                }

                CursorVerdict verdict = offer(member);
                if (verdict == CursorVerdict.Accept)
                {
                    _fruitless = 0;
                    if (_members.TrueForAll(m => m.Paused))
                    {
                        SyncUnsynchronized();
                    }
                }
                else if (verdict != CursorVerdict.Duplicate)
                {
                    MissUnsynchronized(position);
                }
            }
        }
    }

    private void MissUnsynchronized(StreamPosition? position)
    {
        if (_asking)
        {
            // It may be left over from before the question; the answer tells.
            _missed = position ?? _missed;
        }
        else if (position is not { } p || p.Epoch != _head.Epoch || p.Seq > _head.Seq)
        {
            Gaps++;
            _fruitless++;
            LogGap();
            SubscribeUnsynchronized(RecoveryReason.Gap);
        }
    }

    /// <param name="reason">Of several before the hub is asked, the first counts, but a new connection more than any.</param>
    private void SubscribeUnsynchronized(RecoveryReason reason)
    {
        if (_reason is null || reason == RecoveryReason.Resumed)
        {
            _reason = reason;
        }

        SyncUnsynchronized();
    }

    /// <summary>Brings the hub up to date: it is asked from the lowest position or, when nobody takes anything, told to send no more.</summary>
    private void SyncUnsynchronized()
    {
        _syncWanted = true;
        if (!_syncing && !stop.IsCancellationRequested)
        {
            _syncing = true;
            _ = Task.Run(SyncAsync, CancellationToken.None);
        }
    }

    private async Task SyncAsync()
    {
        while (Wanted(out int fruitless))
        {
            if (fruitless > 0)
            {
                await Task.Delay(options.Retry.Delay(fruitless - 1), options.TimeProvider, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            try
            {
                await SyncOnceAsync(await port.WaitConnected(stop));
            }
            catch (HubClientException e) when (e.Retryable)
            {
                lock (_gate)
                {
                    _asking = false;
                    _syncWanted = true;
                    _reason ??= _askedBecause;
                    _fruitless++;
                }
            }
            catch (Exception e)
            {
                Fail(e);
            }
        }

        port.Idle(this);
    }

    /// <summary>False, and no longer syncing, when there is nothing to tell the hub.</summary>
    private bool Wanted(out int fruitless)
    {
        lock (_gate)
        {
            fruitless = _fruitless;
            bool useful = _subscribed || _members.Exists(m => !m.Paused);
            _syncWanted &= useful && !stop.IsCancellationRequested;
            _syncing = _syncWanted;
            _reason = _syncWanted ? _reason : null;
            return _syncing;
        }
    }

    private async Task SyncOnceAsync(int connection)
    {
        StreamPosition? ask;
        RecoveryReason reason;
        bool active;
        lock (_gate)
        {
            reason = _reason.GetValueOrDefault();
            active = _members.Exists(m => !m.Paused);
            ask = LowestUnsynchronized();
            (_syncWanted, _asking, _missed, _askedOn) = (false, true, null, connection);
            (_reason, _askedBecause) = (null, _reason);
        }

        if (active)
        {
            SubscribeResult answer = await port.Subscribe(ask, stop);
            StreamPosition head = new(answer.Epoch ?? "", answer.Seq ?? 0);
            Answered(reason, ask, head, answer.Recovered is true);
            port.Recovery(new RecoveryEventArgs(stream, reason, ask is null || answer.Recovered is true, ask, head, answer.Replayed ?? 0));
        }
        else
        {
            try
            {
                await port.Unsubscribe(stop);
            }
            catch (HubClientException e) when (!e.Retryable)
            {
                // The hub knows of no subscription, which is what was wanted.
            }

            lock (_gate)
            {
                (_asking, _subscribed) = (false, false);
            }
        }
    }

    private void Answered(RecoveryReason reason, StreamPosition? asked, StreamPosition head, bool recovered)
    {
        lock (_gate)
        {
            (_asking, _subscribed, _head) = (false, true, head);
            _members.ForEach(m => m.AnchorUnsynchronized(head.Epoch, head.Seq));
            if (asked is { } from)
            {
                _members.ForEach(m => RecoveredUnsynchronized(m, reason, from, head.Epoch, recovered));
            }

            // Something newer than the head came before the answer did, and nobody could place it yet.
            if (_missed is { } missed && (missed.Epoch != head.Epoch || missed.Seq > head.Seq))
            {
                SubscribeUnsynchronized(RecoveryReason.Gap);
            }
        }
    }

    /// <summary>The answer holds for the members at the position that was asked; the hub must be asked for the others too.</summary>
    private void RecoveredUnsynchronized(Subscriber member, RecoveryReason reason, StreamPosition asked, string epoch, bool recovered)
    {
        if (recovered)
        {
            member.RecoveredUnsynchronized(asked, epoch);
        }

        // What is valid at the lowest position need not be so above it, and what stands below is not replayed.
        if (!member.Paused && epoch.Length > 0 && member.Cursor.Position is { } at && (at.Epoch == epoch ? at.Seq < asked.Seq : at != asked))
        {
            SubscribeUnsynchronized(reason);
        }
    }

    /// <summary>A member that stands in another epoch goes first: it must be told.</summary>
    private StreamPosition? LowestUnsynchronized() =>
        _members.Where(m => !m.Paused && m.Cursor.Position is not null)
            .Select(m => m.Cursor.Position)
            .OrderBy(p => p!.Value.Epoch == _head.Epoch)
            .ThenBy(p => p!.Value.Seq)
            .FirstOrDefault();

    [LoggerMessage(Level = LogLevel.Warning, Message = "An event was missing on a subscription; subscribing again from the last position")]
    private partial void LogGap();
}
