using System.Collections.Concurrent;
using HubService.Contracts;
using HubService.Streams;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Cluster;

/// <summary>A log in memory that several hosts share. A stream can be rolled back as a failover does it, and the log can be away.</summary>
internal sealed class SharedLog : IEventLog
{
    private readonly MemoryEventLog _inner = new(Options.Create(new StreamOptions()), TimeProvider.System);
    private readonly ConcurrentDictionary<StreamKey, Life[]> _lives = new();
    private readonly ConcurrentDictionary<StreamKey, int> _loads = new();

    public bool IsShared => true;

    /// <summary>What everything fails with while the log is away.</summary>
    public string? Away { get; set; }

    /// <summary>Runs before an append is tried.</summary>
    public Func<StreamKey, Task>? Appending { get; set; }

    /// <summary>Runs when events were kept and their followers told, before the hub hears of it.</summary>
    public Func<StreamKey, IReadOnlyList<NewLogEvent>, Task>? Appended { get; set; }

    /// <summary>What a node still has in its memory, whatever became of the log.</summary>
    public LogPage? Remembered { get; set; }

    /// <summary>How often each stream was loaded from its snapshot.</summary>
    public int LoadsOf(StreamKey stream) => _loads.GetValueOrDefault(stream);

    /// <summary>Rolls a stream back to its first events, under another epoch; what followed is gone.</summary>
    public async Task ForkAsync(StreamKey stream, long lastValid)
    {
        StreamKey old = Present(stream);
        LogPage kept = await _inner.ReadAsync(old, StreamPosition.Start, 1_000);
        Life[] lives = LivesOf(stream);
        _lives[stream] = [.. lives.SkipLast(1), lives[^1] with { Epoch = kept.Epoch, ValidUntil = lastValid }, new Life("", long.MaxValue)];
        await _inner.AppendAsync(Present(stream), [.. kept.Entries.Take((int)lastValid).Select(e => new NewLogEvent(e.EventId, true, e.Type, e.Ts, e.Body))]);
    }

    public async ValueTask<AppendResult> AppendAsync(StreamKey stream, IReadOnlyList<NewLogEvent> events, LogHead? expected = null, CancellationToken cancellationToken = default)
    {
        await (Appending?.Invoke(stream) ?? Task.CompletedTask);
        Throw();
        if (expected is { } at && GoneLife(stream, at.Epoch) is { } life && at.Seq > life.ValidUntil)
        {
            LogHead head = await _inner.HeadAsync(Present(stream), cancellationToken);
            return new AppendResult(head.Epoch, head.Seq, [], Conflict: true);
        }

        AppendResult appended = await _inner.AppendAsync(Present(stream), events, expected, cancellationToken);
        await (Appended?.Invoke(stream, events) ?? Task.CompletedTask);
        return appended;
    }

    public async ValueTask<LogPage> ReadAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default)
    {
        Throw();
        if (GoneLife(stream, after.Epoch) is { } life)
        {
            LogHead head = await _inner.HeadAsync(Present(stream), cancellationToken);
            if (after.Seq > life.ValidUntil)
            {
                return new LogPage(ReadVerdict.Reset, head.Epoch, head.Seq, 1, life.ValidUntil, []);
            }

            after = new StreamPosition(head.Epoch, after.Seq);
        }

        return await _inner.ReadAsync(Present(stream), after, limit, cancellationToken);
    }

    public ValueTask<LogPage> ReadRecentAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default) =>
        Remembered is { } page ? ValueTask.FromResult(page) : ReadAsync(stream, after, limit, cancellationToken);

    public ValueTask<LogHead> HeadAsync(StreamKey stream, CancellationToken cancellationToken = default)
    {
        Throw();
        return _inner.HeadAsync(Present(stream), cancellationToken);
    }

    public ValueTask<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower, CancellationToken cancellationToken = default) =>
        _inner.FollowAsync(Present(stream), batch => follower(batch with { Stream = stream }), cancellationToken);

    public ValueTask<long?[]> FindAsync(StreamKey stream, IReadOnlyList<string> eventIds, CancellationToken cancellationToken = default)
    {
        Throw();
        return _inner.FindAsync(Present(stream), eventIds, cancellationToken);
    }

    public ValueTask SaveSnapshotAsync(StreamKey stream, Snapshot snapshot, CancellationToken cancellationToken = default) =>
        GoneLife(stream, snapshot.Epoch) is null ? _inner.SaveSnapshotAsync(Present(stream), snapshot, cancellationToken) : ValueTask.CompletedTask;

    public ValueTask<Snapshot?> LoadSnapshotAsync(StreamKey stream, CancellationToken cancellationToken = default)
    {
        Throw();
        _loads.AddOrUpdate(stream, 1, static (_, count) => count + 1);
        return _inner.LoadSnapshotAsync(Present(stream), cancellationToken);
    }

    public IAsyncEnumerable<StreamKey> UnsettledAsync(CancellationToken cancellationToken = default) =>
        _inner.UnsettledAsync(cancellationToken).Where(s => !s.Id.Contains('~', StringComparison.Ordinal));

    public ValueTask<int> TrimOnceAsync(CancellationToken cancellationToken = default) => _inner.TrimOnceAsync(cancellationToken);

    private StreamKey Present(StreamKey stream) => LivesOf(stream).Length is > 1 and var lives ? stream with { Id = $"{stream.Id}~{lives}" } : stream;

    private Life[] LivesOf(StreamKey stream) => _lives.GetValueOrDefault(stream, [new Life("", long.MaxValue)]);

    private Life? GoneLife(StreamKey stream, string epoch) => epoch.Length == 0 ? null : LivesOf(stream).SkipLast(1).FirstOrDefault(l => l.Epoch == epoch);

    private void Throw()
    {
        if (Away is { } code)
        {
            throw new LogException(code, "The log is away.");
        }
    }

    /// <param name="ValidUntil">How far this life's seqs are those of the next one.</param>
    private sealed record Life(string Epoch, long ValidUntil);
}
