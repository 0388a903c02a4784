using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using HubService.Contracts;
using Microsoft.Extensions.Options;

namespace HubService.Streams;

/// <summary>Keeps streams in this process's memory, for tests and throw-away hubs: every start is a new epoch.</summary>
internal sealed class MemoryEventLog(IOptions<StreamOptions> options, TimeProvider time) : IEventLog
{
    private static readonly LogHead Nothing = new("", 0);

    private readonly StreamOptions _options = options.Value;
    private readonly ConcurrentDictionary<StreamKey, Kept> _streams = new();
    private readonly Followers _followers = new();

    public ValueTask<AppendResult> AppendAsync(StreamKey stream, IReadOnlyList<NewLogEvent> events, LogHead? expected = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Kept kept = Open(stream);
        lock (kept)
        {
            if (expected is { } at && at.Seq != kept.Head.Seq)
            {
                return ValueTask.FromResult(new AppendResult(kept.Head.Epoch, kept.Head.Seq, [], Conflict: true));
            }

            long now = Now();
            var appended = new AppendedEvent[events.Count];
            var fresh = new List<LogEntry>(events.Count);
            long head = kept.Head.Seq;
            for (int i = 0; i < events.Count; i++)
            {
                NewLogEvent e = events[i];
                if (kept.Ids.Find(e.EventId, now) is { } known)
                {
                    appended[i] = new AppendedEvent(known, Duplicate: true);
                    continue;
                }

                appended[i] = new AppendedEvent(++head, Duplicate: false);
                fresh.Add(new LogEntry(head, e.EventId, e.Type, e.Ts, e.Body));
                if (e.Idempotent)
                {
                    kept.Ids.Add(e.EventId, head, now);
                }
            }

            if (fresh.Count > 0)
            {
                kept.Head = new LogHead(kept.Head.Epoch.Length == 0 ? Ids.New() : kept.Head.Epoch, head);
                kept.Entries.AddRange(fresh);
                _followers.Hand(new LogBatch(stream, kept.Head, fresh));
            }

            return ValueTask.FromResult(new AppendResult(kept.Head.Epoch, head, appended));
        }
    }

    public ValueTask<LogPage> ReadAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default)
    {
        if (!_streams.TryGetValue(stream, out Kept? kept))
        {
            ReadVerdict onNothing = LogPaging.Judge(after, Nothing, lowest: 1, out _, out long none);
            return ValueTask.FromResult(new LogPage(onNothing, "", 0, 1, none, []));
        }

        lock (kept)
        {
            long lowest = LowestUnsynchronized(stream, kept);
            ReadVerdict verdict = LogPaging.Judge(after, kept.Head, lowest, out long from, out long lastValid);
            List<LogEntry> page = [];
            if (verdict != ReadVerdict.Reset)
            {
                long bytes = 0;
                for (int i = (int)(from - kept.First); i < kept.Entries.Count && page.Count < limit; i++)
                {
                    bytes += kept.Entries[i].Body.Length;
                    if (bytes > LogPaging.MaxBytes && page.Count > 0)
                    {
                        break;
                    }

                    page.Add(kept.Entries[i]);
                }
            }

            return ValueTask.FromResult(new LogPage(verdict, kept.Head.Epoch, kept.Head.Seq, lowest, lastValid, page));
        }
    }

    public ValueTask<LogHead> HeadAsync(StreamKey stream, CancellationToken cancellationToken = default)
    {
        if (!_streams.TryGetValue(stream, out Kept? kept))
        {
            return ValueTask.FromResult(Nothing);
        }

        lock (kept)
        {
            return ValueTask.FromResult(kept.Head);
        }
    }

    public ValueTask<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower, CancellationToken cancellationToken = default)
    {
        // A delegate of its own, so that the same follower may follow twice and stop once.
        Action<LogBatch> mine = batch => follower(batch);
        Kept kept = Open(stream);
        lock (kept)
        {
            _followers.Add(stream, mine);
            return ValueTask.FromResult(new Following(kept.Head, () => _followers.Remove(stream, mine)));
        }
    }

    public ValueTask<long?[]> FindAsync(StreamKey stream, IReadOnlyList<string> eventIds, CancellationToken cancellationToken = default)
    {
        var found = new long?[eventIds.Count];
        if (_streams.TryGetValue(stream, out Kept? kept))
        {
            lock (kept)
            {
                long now = Now();
                for (int i = 0; i < found.Length; i++)
                {
                    found[i] = kept.Ids.Find(eventIds[i], now);
                }
            }
        }

        return ValueTask.FromResult(found);
    }

    public ValueTask SaveSnapshotAsync(StreamKey stream, Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        Kept kept = Open(stream);
        lock (kept)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(snapshot.Seq);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(snapshot.Seq, kept.Head.Seq);
            if (kept.Snapshot is not { } older || older.Seq <= snapshot.Seq)
            {
                kept.Snapshot = snapshot;
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<Snapshot?> LoadSnapshotAsync(StreamKey stream, CancellationToken cancellationToken = default)
    {
        if (!_streams.TryGetValue(stream, out Kept? kept))
        {
            return ValueTask.FromResult<Snapshot?>(null);
        }

        lock (kept)
        {
            return ValueTask.FromResult(kept.Snapshot);
        }
    }

    public async IAsyncEnumerable<StreamKey> UnsettledAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await ValueTask.CompletedTask;
        foreach ((StreamKey stream, Kept kept) in _streams)
        {
            bool unsettled;
            lock (kept)
            {
                unsettled = kept.Head.Seq > 0 && (kept.Snapshot is not { } s || s.Unfinished || s.Seq < kept.Head.Seq);
            }

            if (unsettled)
            {
                yield return stream;
            }
        }
    }

    public ValueTask<int> TrimOnceAsync(CancellationToken cancellationToken = default)
    {
        int removed = 0;
        foreach ((StreamKey stream, Kept kept) in _streams)
        {
            lock (kept)
            {
                long covered = Math.Min(LowestUnsynchronized(stream, kept) - 1, kept.Snapshot?.Seq ?? 0);
                int count = (int)Math.Max(0, covered - kept.First + 1);
                kept.Entries.RemoveRange(0, count);
                kept.First += count;
                removed += count;
            }
        }

        return ValueTask.FromResult(removed);
    }

    private Kept Open(StreamKey stream) => _streams.GetOrAdd(stream, static (_, window) => new Kept(window), _options.IdempotencyWindow);

    private long LowestUnsynchronized(StreamKey stream, Kept kept)
    {
        Retention retention = _options.Of(stream.Kind);
        long oldestTs = Now() - (long)retention.Age.TotalMilliseconds;
        long lowest = Math.Max(Math.Max(kept.Lowest, kept.First), kept.Head.Seq - retention.Events + 1);
        while (lowest <= kept.Head.Seq && kept.Entries[(int)(lowest - kept.First)].Ts < oldestTs)
        {
            lowest++;
        }

        return kept.Lowest = lowest;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>One stream; its own lock.</summary>
    private sealed class Kept(TimeSpan window)
    {
        public RecentIds Ids { get; } = new(window);

        public List<LogEntry> Entries { get; } = [];

        public LogHead Head { get; set; } = Nothing;

        /// <summary>The seq of the first entry held.</summary>
        public long First { get; set; } = 1;

        /// <summary>The first seq readable; only grows, so that what was once lost stays lost whatever the clock does.</summary>
        public long Lowest { get; set; } = 1;

        public Snapshot? Snapshot { get; set; }
    }
}
