using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>A batch on its way into a pinned stream.</summary>
internal sealed class PendingAppend(StreamState state, IReadOnlyList<NewLogEvent> events, long? expectedHead) : PendingWrite<AppendResult>
{
    // What a row takes beside its body, roughly; bounds the queue also when bodies are empty.
    private const int RowBytes = 100;

    private AppendResult? _result;
    private Tail _tail;
    private int _fresh;

    public StreamState State => state;

    /// <summary>What followers are to be handed; null when nothing is fresh or nobody follows.</summary>
    public LogBatch? Batch { get; private set; }

    public override (int Events, long Bytes) Weight
    {
        get
        {
            long bytes = 0;
            for (int i = 0; i < events.Count; i++)
            {
                bytes += events[i].Body.Length + RowBytes;
            }

            return (Math.Max(1, events.Count), bytes);
        }
    }

    protected override AppendResult Result => _result!;

    public override void Apply(WriteConnection store)
    {
        lock (state)
        {
            Tail tail = state.Next;
            if (expectedHead is { } expected && expected != tail.Seq)
            {
                _result = new AppendResult(tail.Epoch, tail.Seq, [], Conflict: true);
                return;
            }

            var appended = new AppendedEvent[events.Count];
            for (int i = 0; i < appended.Length; i++)
            {
                NewLogEvent e = events[i];
                if (state.Ids.Find(e.EventId, store.Now) is { } known)
                {
                    appended[i] = new AppendedEvent(known, Duplicate: true);
                    continue;
                }

                tail = store.Append(state.Key, tail, e);
                appended[i] = new AppendedEvent(tail.Seq, Duplicate: false);
                _fresh++;
                if (e.Idempotent)
                {
                    state.Ids.Add(e.EventId, tail.Seq, store.Now);
                }
            }

            state.Next = _tail = tail;
            _result = new AppendResult(tail.Epoch, tail.Seq, appended);
        }
    }

    /// <summary>
    /// The lock spans the tail and the hand-out, so that a follower that registers gets either the head or the batch, and
    /// never both or neither. True when the stream grew.
    /// </summary>
    public bool Grow()
    {
        lock (state)
        {
            if (_fresh > 0)
            {
                state.Tail = _tail;
                Batch = state.Followers.Length > 0 ? ToBatch(_result!) : null;
            }

            state.CommittedUnsynchronized(this);
            return _fresh > 0;
        }
    }

    public override void RolledBack()
    {
        lock (state)
        {
            for (int i = 0; i < events.Count; i++)
            {
                // Only what this transaction added; a duplicate's id belongs to an append that is kept.
                if (state.Ids.SeqOf(events[i].EventId) > state.Tail.Seq)
                {
                    state.Ids.Remove(events[i].EventId);
                }
            }

            state.Next = state.Tail;
        }
    }

    public override void Complete()
    {
        state.Unpin();
        base.Complete();
    }

    public override void Fail(LogException reason)
    {
        state.Unpin();
        base.Fail(reason);
    }

    private LogBatch ToBatch(AppendResult result)
    {
        var entries = new List<LogEntry>(_fresh);
        for (int i = 0; i < events.Count; i++)
        {
            if (!result.Events[i].Duplicate)
            {
                NewLogEvent e = events[i];
                entries.Add(new LogEntry(result.Events[i].Seq, e.EventId, e.Type, e.Ts, e.Body));
            }
        }

        return new LogBatch(state.Key, new LogHead(result.Epoch, result.Head), entries);
    }
}
