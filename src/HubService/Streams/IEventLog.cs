using HubService.Contracts;

namespace HubService.Streams;

/// <summary>
/// Keeps the events of every stream in one order. Knows nothing of what they mean or who reads them. Implementations:
/// memory, SQLite, Redis; each passes <c>EventLogSpec</c>. Every member may be called from any thread.
/// </summary>
internal interface IEventLog
{
    /// <summary>
    /// Appends a batch to one stream: all of it or nothing. Fresh events take the next seqs without a hole; an event whose
    /// id was appended within the idempotency window keeps its seq and is marked as a duplicate, and appends nothing.
    /// When the task completes the batch is as durable as the log promises, and every follower on this node has been handed it.
    /// </summary>
    /// <param name="expected">When given and the stream no longer ends there, or that end was rolled back, nothing is appended and the result says <see cref="AppendResult.Conflict"/>.</param>
    /// <exception cref="LogException">The batch was not, or possibly not, appended; the exception says which.</exception>
    ValueTask<AppendResult> AppendAsync(StreamKey stream, IReadOnlyList<NewLogEvent> events, LogHead? expected = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads what follows a position, in order, up to <paramref name="limit"/> events or 4 MB, at least one event when there
    /// is one. <see cref="StreamPosition.Start"/> is valid in every epoch. A stream nobody wrote to is empty, with epoch "".
    /// </summary>
    ValueTask<LogPage> ReadAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// A page for a reader that also follows the stream. A log may answer from memory, or share one read among callers of the same
    /// moment. What another node has just appended may be missing; followers are handed that.
    /// </summary>
    ValueTask<LogPage> ReadRecentAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync(stream, after, limit, cancellationToken);

    /// <summary>The stream's epoch and newest seq.</summary>
    ValueTask<LogHead> HeadAsync(StreamKey stream, CancellationToken cancellationToken = default);

    /// <summary>
    /// Hands every batch appended after the returned head to the follower: in seq order, one call at a time, only once the
    /// batch is kept. A batch without entries says that the stream goes on under another epoch or from another head than what was
    /// handed out, and that only a read can tell how. The follower must not block and must not throw. Dispose to stop; a call under way may still finish.
    /// </summary>
    ValueTask<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower, CancellationToken cancellationToken = default);

    /// <summary>For each id the seq it was appended with, if that was within the idempotency window; else null.</summary>
    ValueTask<long?[]> FindAsync(StreamKey stream, IReadOnlyList<string> eventIds, CancellationToken cancellationToken = default);

    /// <summary>Remembers a projection of the stream up to a seq, replacing an older one. Lets retention drop what it covers.</summary>
    ValueTask SaveSnapshotAsync(StreamKey stream, Snapshot snapshot, CancellationToken cancellationToken = default);

    /// <summary>The newest snapshot of the stream's current epoch, or null.</summary>
    ValueTask<Snapshot?> LoadSnapshotAsync(StreamKey stream, CancellationToken cancellationToken = default);

    /// <summary>Streams whose snapshot says unfinished or does not cover the head: what a starting node must look at.</summary>
    IAsyncEnumerable<StreamKey> UnsettledAsync(CancellationToken cancellationToken = default);

    /// <summary>True when other nodes append to the same streams.</summary>
    bool IsShared => false;

    /// <summary>Names the store's line of history. When it changes, what was acknowledged before may have been rolled back.</summary>
    string Lineage => "";

    /// <summary>Why nothing can be appended until the service is started again; null when nothing is wrong.</summary>
    string? Fault => null;

    /// <summary>The error code that the latest append of any stream was refused with; null once an append can succeed again, which needs no restart.</summary>
    string? RefusalCode => null;

    /// <summary>One pass of retention; returns how many events were removed. Reads obey retention at once, without waiting for a pass.</summary>
    ValueTask<int> TrimOnceAsync(CancellationToken cancellationToken = default);
}

/// <summary>An event to append.</summary>
/// <param name="Idempotent">True when the id came from the publisher, who may send it again; false spares the log remembering it, and looking it up.</param>
/// <param name="Ts">Unix milliseconds; the age that retention goes by.</param>
/// <param name="Body">The envelope as JSON without <c>seq</c> and <c>epoch</c>; opaque to the log.</param>
internal readonly record struct NewLogEvent(string EventId, bool Idempotent, string Type, long Ts, ReadOnlyMemory<byte> Body);

/// <summary>An event in the log. <see cref="Body"/> must not be changed or pooled by anyone.</summary>
internal readonly record struct LogEntry(long Seq, string EventId, string Type, long Ts, ReadOnlyMemory<byte> Body);

/// <summary>A batch as followers get it: consecutive seqs of one epoch, or none.</summary>
/// <param name="Head">The epoch, and the last seq of the batch.</param>
internal sealed record LogBatch(StreamKey Stream, LogHead Head, IReadOnlyList<LogEntry> Entries)
{
    public string Epoch => Head.Epoch;
}

internal readonly record struct LogHead(string Epoch, long Seq);

internal readonly record struct AppendedEvent(long Seq, bool Duplicate);

/// <param name="Head">The stream's newest seq after the append.</param>
/// <param name="Events">One per event of the batch, in its order; empty on <paramref name="Conflict"/>.</param>
/// <param name="Conflict">The head was not the expected one; nothing was appended.</param>
internal sealed record AppendResult(string Epoch, long Head, IReadOnlyList<AppendedEvent> Events, bool Conflict = false);

/// <summary>How a read position relates to what the log still holds.</summary>
internal enum ReadVerdict
{
    /// <summary>Everything after the position is there.</summary>
    Ok,

    /// <summary>Retention removed events after the position; the page starts at the oldest one kept.</summary>
    HistoryLost,

    /// <summary>The position is not of this epoch, or beyond the head: start again from <see cref="LogPage.LastValid"/>.</summary>
    Reset,
}

/// <param name="Head">The stream's newest seq when the page was read.</param>
/// <param name="Lowest">The oldest seq kept; head + 1 when none is.</param>
/// <param name="LastValid">On <see cref="ReadVerdict.Reset"/>: the last seq of the asked epoch that still holds, 0 if none.</param>
/// <param name="Entries">Consecutive; empty on <see cref="ReadVerdict.Reset"/>.</param>
internal sealed record LogPage(ReadVerdict Verdict, string Epoch, long Head, long Lowest, long LastValid, IReadOnlyList<LogEntry> Entries)
{
    /// <summary>Where a reader goes on from, once told that its position lost something; means nothing on <see cref="ReadVerdict.Ok"/>.</summary>
    public StreamPosition GoesOnFrom => new(Epoch, Verdict == ReadVerdict.HistoryLost ? Lowest - 1 : LastValid);
}

/// <param name="Unfinished">True when something in it still needs an ending, e.g. an open run.</param>
/// <param name="Epoch">The epoch it was made in; a snapshot of what was rolled back since is not kept. Empty: the present one.</param>
internal sealed record Snapshot(long Seq, bool Unfinished, ReadOnlyMemory<byte> State, string Epoch = "");

/// <summary>A follower's registration, with the head it starts after.</summary>
internal sealed class Following(LogHead head, Action stop) : IDisposable
{
    private Action? _stop = stop;

    public LogHead Head { get; } = head;

    public void Dispose() => Interlocked.Exchange(ref _stop, null)?.Invoke();
}

/// <summary>The log could not do what was asked.</summary>
/// <param name="code"><c>store_unavailable</c> or <c>store_full</c> (nothing was appended), or <c>outcome_unknown</c>.</param>
internal sealed class LogException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}
