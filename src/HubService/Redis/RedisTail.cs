using HubService.Contracts;
using HubService.Streams;

namespace HubService.Redis;

/// <summary>
/// One stream as this node follows it: takes what is published, in any order and with holes, and hands it on in order. A hole, a
/// new epoch or an overflow is read from the log, one read at a time; what is published meanwhile is held.
/// </summary>
/// <param name="read">Reads the log; throws <see cref="LogException"/>.</param>
internal sealed class RedisTail(StreamKey stream, Func<StreamPosition, Task<LogPage>> read)
{
    private const int MaxHeld = 256;

    private readonly Lock _gate = new();
    private readonly List<LogBatch> _held = [];
    private readonly RecentEntries _recent = new();
    private Action<LogBatch>[] _followers = [];
    private LogHead _head;
    private bool _overflowed;
    private Task? _reading;
    private bool _isOpen;

    public StreamKey Stream => stream;

    /// <summary>Reads what is published.</summary>
    public FrameReader Frames { get; } = new(stream);

    /// <summary>When something of the stream was last heard, as a timestamp; for its owner's use.</summary>
    public long HeardAt { get; set; }

    public bool IsFollowed => Volatile.Read(ref _followers).Length > 0;

    public LogHead Head
    {
        get
        {
            lock (_gate)
            {
                return _head;
            }
        }
    }

    /// <summary>Begins at a head that was read after the subscription was confirmed; what was published in between was held.</summary>
    public void Open(LogHead head)
    {
        lock (_gate)
        {
            _head = head;
            _isOpen = true;
            if (!TakeHeldUnsynchronized())
            {
                ReadUnsynchronized();
            }
        }
    }

    public Following Add(Action<LogBatch> follower)
    {
        // A delegate of its own, so that the same follower may follow twice and stop once.
        Action<LogBatch> mine = batch => follower(batch);
        lock (_gate)
        {
            _followers = [.. _followers, mine];
            return new Following(_head, () => Remove(mine));
        }
    }

    /// <summary>What was published, or what this node has appended itself.</summary>
    public void Take(LogBatch batch)
    {
        lock (_gate)
        {
            if (!_isOpen || _reading is { IsCompleted: false })
            {
                HoldUnsynchronized(batch);
            }
            else if (!TryHandUnsynchronized(batch))
            {
                HoldUnsynchronized(batch);
                ReadUnsynchronized();
            }
        }
    }

    /// <summary>Completes when what was appended up to here has been handed on, or cannot be now.</summary>
    public Task ReachedAsync(long seq)
    {
        lock (_gate)
        {
            return _head.Seq >= seq ? Task.CompletedTask : _reading ?? Task.CompletedTask;
        }
    }

    /// <summary>Compares with the head that the log has now, and reads what is missing.</summary>
    public void Probe(LogHead head)
    {
        lock (_gate)
        {
            if (head.Epoch != _head.Epoch)
            {
                _recent.Clear();
            }

            if (_isOpen && _reading is not { IsCompleted: false } && (head != _head || _overflowed || _held.Count > 0))
            {
                ReadUnsynchronized();
            }
        }
    }

    /// <summary>The weight of what is kept for readers.</summary>
    public long RecentBytes
    {
        get
        {
            lock (_gate)
            {
                return _recent.Bytes;
            }
        }
    }

    /// <summary>Keeps a page of the log for readers, when it joins what is kept.</summary>
    public void Remember(LogPage page)
    {
        lock (_gate)
        {
            if (_isOpen && page.Verdict == ReadVerdict.Ok && page.Epoch == _head.Epoch)
            {
                _recent.AddBefore(page.Entries, _head.Seq);
            }
        }
    }

    /// <summary>Lets go what is kept for readers; returns how many bytes that were.</summary>
    public long Forget()
    {
        lock (_gate)
        {
            long bytes = _recent.Bytes;
            _recent.Clear();
            return bytes;
        }
    }

    /// <summary>A page from memory; null when not all of it is here, or it is not known to be of this epoch.</summary>
    /// <param name="keep">How many events retention lets be read.</param>
    /// <param name="oldest">The time from which on events may be read.</param>
    public LogPage? TryRead(StreamPosition after, int limit, int keep, long oldest)
    {
        lock (_gate)
        {
            after = after == StreamPosition.Start ? after with { Epoch = _head.Epoch } : after;
            if (!_isOpen || after.Epoch != _head.Epoch || after.Seq > _head.Seq || after.Seq <= _head.Seq - keep || !_recent.Reaches(after.Seq, _head.Seq))
            {
                return null;
            }

            List<LogEntry> entries = _recent.After(after.Seq, limit);
            return entries.Count > 0 && entries[0].Ts < oldest
                ? null
                : new LogPage(ReadVerdict.Ok, _head.Epoch, _head.Seq, after.Seq + 1, 0, entries);
        }
    }

    private void Remove(Action<LogBatch> follower)
    {
        lock (_gate)
        {
            _followers = Array.FindAll(_followers, f => f != follower);
        }
    }

    private void HoldUnsynchronized(LogBatch batch)
    {
        if (_held.Count < MaxHeld)
        {
            _held.Add(batch);
        }
        else
        {
            _overflowed = true;
        }
    }

    /// <summary>False when something before it is missing, or only the log can tell.</summary>
    private bool TryHandUnsynchronized(LogBatch batch)
    {
        if (batch.Epoch != _head.Epoch)
        {
            // The first event of all begins the epoch.
            if (_head.Seq > 0 || batch.Entries.Count == 0 || batch.Entries[0].Seq != 1)
            {
                return false;
            }
        }
        else if (batch.Head.Seq <= _head.Seq)
        {
            return true;
        }

        if (batch.Entries.Count == 0 || batch.Entries[0].Seq > _head.Seq + 1)
        {
            return false;
        }

        int seen = (int)(_head.Seq + 1 - batch.Entries[0].Seq);
        HandUnsynchronized(seen == 0 ? batch : batch with { Entries = [.. batch.Entries.Skip(seen)] });
        return true;
    }

    private void HandUnsynchronized(LogBatch batch)
    {
        _head = batch.Head;
        _recent.Add(batch.Entries);
        foreach (Action<LogBatch> follower in _followers)
        {
            follower(batch);
        }
    }

    private void ReadUnsynchronized() => _reading = Task.Run(CatchUpAsync);

    private async Task CatchUpAsync()
    {
        try
        {
            int covered = BeginRead();
            while (true)
            {
                LogPage page = await read(new StreamPosition(Head.Epoch, Head.Seq));
                lock (_gate)
                {
                    TakePageUnsynchronized(page);
                    if (_head.Seq < page.Head)
                    {
                        continue;
                    }

                    // Whatever came before the read is in what was read, or has been rolled back.
                    _held.RemoveRange(0, covered);
                    if (TakeHeldUnsynchronized())
                    {
                        _reading = null;
                        return;
                    }
                }

                covered = BeginRead();
            }
        }
        catch (LogException)
        {
            // The next probe tries again.
        }
    }

    /// <summary>How many held batches the read that begins now will cover.</summary>
    private int BeginRead()
    {
        lock (_gate)
        {
            _overflowed = false;
            return _held.Count;
        }
    }

    private void TakePageUnsynchronized(LogPage page)
    {
        var head = new LogHead(page.Epoch, page.Entries.Count > 0 ? page.Entries[^1].Seq : page.Head);
        if (page.Verdict == ReadVerdict.Reset)
        {
            // What was handed on has been rolled back: each follower's readers are told by their own read.
            _recent.Clear();
            HandUnsynchronized(new LogBatch(stream, new LogHead(page.Epoch, page.Head), []));
        }
        else if (page.Entries.Count > 0 || head != _head)
        {
            if (page.Verdict == ReadVerdict.HistoryLost)
            {
                _recent.Clear();
            }

            HandUnsynchronized(new LogBatch(stream, head, page.Entries));
        }
    }

    /// <summary>Hands on what was held; false when something is missing still.</summary>
    private bool TakeHeldUnsynchronized()
    {
        _held.Sort(static (a, b) => a.Head.Seq.CompareTo(b.Head.Seq));
        int taken = 0;
        while (taken < _held.Count && TryHandUnsynchronized(_held[taken]))
        {
            taken++;
        }

        _held.RemoveRange(0, taken);
        return _held.Count == 0 && !_overflowed;
    }
}
