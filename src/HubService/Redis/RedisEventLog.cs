using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>
/// Keeps streams in Redis, shared by many nodes. An append is one script: order, idempotency, the log and what is published to
/// the nodes that follow come about together or not at all. The epoch names the server's line of history besides the stream, so
/// that a primary that was promoted without the newest events is noticed, and told to whoever holds them.
/// </summary>
internal sealed class RedisEventLog : IEventLog
{
    private const int ScanPage = 250;
    private const int PageSize = 1_000;

    private readonly RedisLink _link;
    private readonly RedisCommands _commands;
    private readonly RedisKeys _keys;
    private readonly StreamOptions _options;
    private readonly TimeProvider _clock;
    private readonly RedisValue _ttl;
    private readonly RedisHeads _heads;
    private readonly RecentReads _recent;
    private readonly RedisAppends _appends;
    private readonly RedisFinds _finds;

    /// <summary>Streams of which something that this node appended may still be kept.</summary>
    private readonly ConcurrentDictionary<StreamKey, AppendedStream> _appended = new();
    private readonly uint _node = (uint)RandomNumberGenerator.GetInt32(int.MinValue, int.MaxValue);
    private volatile string? _refusal;

    /// <param name="clock">Retention and idempotency go by the server's own clock, so that no node's clock can wipe a history; a test hands in another one.</param>
    public RedisEventLog(RedisLink link, RedisCommands commands, IOptions<RedisOptions> redis, IOptions<StreamOptions> options, TimeProvider clock, HubMetrics metrics)
    {
        (_link, _commands, _options, _clock) = (link, commands, options.Value, clock);
        _keys = new RedisKeys(redis.Value.Prefix);
        _ttl = Ms(redis.Value.StreamTtl);
        _appends = new RedisAppends(commands, _keys, () => Clock, () => _options.IdempotencyWindow, _ttl);
        _finds = new RedisFinds(commands, () => Clock, () => _options.IdempotencyWindow);
        _heads = new RedisHeads(commands, _keys);
        Tails = new RedisTails(link, _keys, TimeProvider.System, _heads, (stream, after) => ReadAsync(stream, after, PageSize).AsTask());
        _recent = new RecentReads(this, Tails, _options, clock, metrics);
    }

    public bool IsShared => true;

    /// <inheritdoc/>
    public string Lineage => _link.Lineage;

    /// <inheritdoc/>
    public string? RefusalCode => _link.IsHealthy ? _refusal : ErrorCodes.StoreUnavailable;

    /// <summary>The streams that this node follows.</summary>
    public RedisTails Tails { get; }

    public async ValueTask<AppendResult> AppendAsync(StreamKey stream, IReadOnlyList<NewLogEvent> events, LogHead? expected = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        (StreamKeys keys, byte[] name) = _appended.TryGetValue(stream, out AppendedStream? known) ? known : new AppendedStream(_keys.Of(stream), Encoding.UTF8.GetBytes(stream.Group));
        byte[][] entries = new byte[events.Count][];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = EntryCodec.Write(events[i], _node);
        }

        RedisResult[] answer = await AppendAsync(new PendingAppend(keys, name, _options.Of(stream.Kind), events, entries, expected));
        string epoch = (string)answer[1];
        long head = (long)answer[2];
        if ((long)answer[0] == 1)
        {
            return new AppendResult(epoch, head, [], Conflict: true);
        }

        var appended = new AppendedEvent[entries.Length];
        List<LogEntry>? fresh = null;
        for (int i = 0; i < appended.Length; i++)
        {
            long seq = answer.Length > 3 ? (long)answer[3 + i] : head - appended.Length + 1 + i;
            appended[i] = new AppendedEvent(Math.Abs(seq), Duplicate: seq < 0);
            if (seq > 0)
            {
                NewLogEvent e = events[i];
                (fresh ??= new List<LogEntry>(appended.Length)).Add(new LogEntry(seq, e.EventId, e.Type, e.Ts, e.Body));
            }
        }

        if (fresh is not null)
        {
            if (known is null)
            {
                _appended.TryAdd(stream, new AppendedStream(keys, name));
            }

            await HandAsync(new LogBatch(stream, new LogHead(epoch, fresh[^1].Seq), fresh));
        }

        return new AppendResult(epoch, head, appended);
    }

    public async ValueTask<LogPage> ReadAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StreamKeys keys = _keys.Of(stream);
        Retention retention = _options.Of(stream.Kind);
        RedisResult[] answer = await RunAsync(
            RedisScript.Read,
            [keys.Meta, keys.Log],
            [Clock, Math.Max(0, after.Seq), Math.Max(0, limit), LogPaging.MaxBytes, retention.Events, Ms(retention.Age)]);
        var head = new LogHead((string)answer[0], (long)answer[1]);
        long lowest = (long)answer[2];
        ReadVerdict verdict = Forks.Judge(after, head, (string)answer[3], lowest, out long lastValid);
        var entries = new List<LogEntry>();
        for (int i = 4; i < answer.Length && verdict != ReadVerdict.Reset; i += 2)
        {
            entries.Add(EntryCodec.Read((long)answer[i], (byte[])answer[i + 1]));
        }

#if SKIP_CATCH_UP
        // Never in a release: BrokenBuildTests prove that the checker notices a node that skips what it missed.
        entries.RemoveRange(0, Math.Max(0, entries.Count - 1));
#endif
        return new LogPage(verdict, head.Epoch, head.Seq, lowest, lastValid, entries);
    }

    /// <inheritdoc/>
    public ValueTask<LogPage> ReadRecentAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default) =>
        _recent.ReadAsync(stream, after, limit, cancellationToken);

    /// <summary>Callers of the same moment share one read, which begins after each of them asked.</summary>
    public async ValueTask<LogHead> HeadAsync(StreamKey stream, CancellationToken cancellationToken = default)
    {
        LogHead head = await _heads.ReadAsync(stream);
        if (Tails.Find(stream) is { } tail && tail.Head.Epoch != head.Epoch)
        {
            // Its memory is of a history that may have been rolled back, which only a read can tell.
            tail.Probe(head);
        }

        return head;
    }

    public async ValueTask<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower, CancellationToken cancellationToken = default) =>
        await Tails.FollowAsync(stream, follower);

    public async ValueTask<long?[]> FindAsync(StreamKey stream, IReadOnlyList<string> eventIds, CancellationToken cancellationToken = default)
    {
        if (eventIds.Count == 0)
        {
            return [];
        }

        return await _finds.FindAsync(KeysOf(stream), eventIds);
    }

    public async ValueTask SaveSnapshotAsync(StreamKey stream, Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(snapshot.Seq);
        StreamKeys keys = _keys.Of(stream);
        RedisResult[] answer = await RunAsync(
            RedisScript.Save,
            [keys.Meta, keys.Snapshot, _keys.Unsettled, keys.Log],
            [snapshot.Epoch, snapshot.Seq, snapshot.Unfinished ? 1 : 0, snapshot.State.ToArray(), stream.Group, Ms(_options.Of(stream.Kind).Age), _ttl]);
        if ((long)answer[0] == 1)
        {
            throw new ArgumentOutOfRangeException(nameof(snapshot), snapshot.Seq, "The stream does not reach so far.");
        }
    }

    public async ValueTask<Snapshot?> LoadSnapshotAsync(StreamKey stream, CancellationToken cancellationToken = default)
    {
        StreamKeys keys = _keys.Of(stream);
        RedisResult[] answer = await RunAsync(RedisScript.Load, [keys.Meta, keys.Snapshot], []);
        return answer.Length == 0 ? null : new Snapshot((long)answer[0], (long)answer[1] == 1, (byte[])answer[2]);
    }

    public async IAsyncEnumerable<StreamKey> UnsettledAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (RedisValue[] names in (await _commands.MembersAsync(_keys.Unsettled, ScanPage, cancellationToken)).Chunk(ScanPage))
        {
            (RedisValue Name, StreamKey Stream)[] streams = [.. names.Select(static name => (name, StreamKey.TryParseGroup(name!, out StreamKey stream) ? stream : default)).Where(static s => s.Item2 != default)];
            RedisResult[] there = await RunAsync(RedisScript.Forget, [_keys.Unsettled, .. streams.Select(s => _keys.Of(s.Stream).Meta)], [.. streams.Select(static s => s.Name)]);
            for (int i = 0; i < streams.Length; i++)
            {
                if ((long)there[i] == 1)
                {
                    yield return streams[i].Stream;
                }
            }
        }
    }

    /// <summary>Most is removed as events are appended; this is for streams of this node that have gone quiet.</summary>
    public async ValueTask<int> TrimOnceAsync(CancellationToken cancellationToken = default)
    {
        int removed = 0;
        foreach (StreamKey stream in _appended.Keys)
        {
            StreamKeys keys = _keys.Of(stream);
            Retention retention = _options.Of(stream.Kind);
            RedisResult[] answer = await RunAsync(RedisScript.Trim, [keys.Meta, keys.Log, keys.Snapshot], [Clock, retention.Events, Ms(retention.Age)]);
            removed += (int)answer[0];
            if ((long)answer[1] == 0)
            {
                _appended.TryRemove(stream, out _);
            }
        }

        return removed;
    }

    /// <summary>While appends were refused: tries a small write, so that readiness does not wait for an append that nobody sends to a node that is not ready.</summary>
    public async Task TryAgainOnceAsync()
    {
        if (_refusal is not null && await _commands.MayWriteAsync(_keys.Room))
        {
            _refusal = null;
        }
    }

    private StreamKeys KeysOf(StreamKey stream) => _appended.TryGetValue(stream, out AppendedStream? known) ? known.Keys : _keys.Of(stream);

    private RedisValue Clock => _clock == TimeProvider.System ? RedisValue.EmptyString : _clock.GetUtcNow().ToUnixTimeMilliseconds();

    private async ValueTask<RedisResult[]> AppendAsync(PendingAppend append)
    {
        try
        {
            RedisResult[] answer = await _appends.AppendAsync(append);
            _refusal = null;
            return answer;
        }
        catch (LogException e)
        {
            _refusal = e.Code;
            throw;
        }
    }

    /// <summary>Hands on what this node appended without waiting for it to come back from Redis.</summary>
    private async ValueTask HandAsync(LogBatch batch)
    {
        if (Tails.Find(batch.Stream) is { } tail)
        {
            tail.Take(batch);
            await tail.ReachedAsync(batch.Head.Seq);
        }
    }

    private Task<RedisResult[]> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments) => _commands.RunAsync(script, keys, arguments);

    private static long Ms(TimeSpan span) => (long)span.TotalMilliseconds;

    private sealed record AppendedStream(StreamKeys Keys, byte[] Name);
}
