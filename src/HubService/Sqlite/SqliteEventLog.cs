using System.Runtime.CompilerServices;
using HubService.Contracts;
using HubService.Streams;
using Microsoft.Extensions.Options;

namespace HubService.Sqlite;

/// <summary>Keeps streams in one SQLite file: the log of a hub of one node. What it acknowledged survives kill -9 and power loss.</summary>
internal sealed class SqliteEventLog : IEventLog, IHostedService, IAsyncDisposable
{
    private const int ReadAttempts = 5;

    private readonly StreamOptions _options;
    private readonly StoreFile _file;
    private readonly Followers _followers = new();
    private readonly ReaderPool _readers;
    private readonly StreamStates _streams;
    private readonly LogWriter _writer;
    private readonly Trimmer _trimmer;

    /// <exception cref="LogException">The file cannot be used; the message names the file and the setting to change.</exception>
    public SqliteEventLog(IOptions<SqliteOptions> sqlite, IOptions<StreamOptions> options, TimeProvider time, ILogger<SqliteEventLog> logger)
    {
        _options = options.Value;
        _file = new StoreFile(sqlite.Value.Path);
        try
        {
            _readers = new ReaderPool(_file);
            _streams = new StreamStates(_readers, _followers, _options.IdempotencyWindow, time);
            _writer = new LogWriter(new WriteConnection(_file.OpenForWriting()), time, logger);
            _trimmer = new Trimmer(_streams, _readers, _writer, _options);
        }
        catch (SqliteFailure e)
        {
            _file.Dispose();
            throw new LogException(ErrorCodes.StoreUnavailable, $"'{_file.Path}' could not be opened: {e.Message}. Check the disk, or set Sqlite:Path to another file.", e);
        }
    }

    /// <summary>Why nothing can be written until a restart, or null.</summary>
    public string? Fault => _writer.Fault;

    /// <inheritdoc/>
    public string? RefusalCode => _writer.RefusalCode;

    /// <summary>How many streams' states are held in memory.</summary>
    public int StreamsHeld => _streams.Count;

    public ValueTask<AppendResult> AppendAsync(StreamKey stream, IReadOnlyList<NewLogEvent> events, LogHead? expected = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StreamState state = _streams.Pin(stream, toAppend: true);
        try
        {
            var append = new PendingAppend(state, events, expected?.Seq);
            _writer.Enqueue(append);
            return new ValueTask<AppendResult>(append.Task);
        }
        catch (LogException e)
        {
            state.Unpin();
            return ValueTask.FromException<AppendResult>(e);
        }
    }

    public ValueTask<LogPage> ReadAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Pinned(stream, state => Read(state, after, limit)));
    }

    public ValueTask<LogHead> HeadAsync(StreamKey stream, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Pinned(stream, static state =>
        {
            lock (state)
            {
                return state.Tail.Head;
            }
        }));

    public ValueTask<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Pinned(stream, state =>
        {
            lock (state)
            {
                LogHead head = state.Tail.Head;

                // What was committed before but is not handed out yet is not for this follower.
                Action<LogBatch> mine = batch =>
                {
                    if (batch.Entries[0].Seq > head.Seq)
                    {
                        follower(batch);
                    }
                };
                _followers.Add(stream, mine);
                state.Followers = _followers.Of(stream);
                return new Following(head, () =>
                {
                    _followers.Remove(stream, mine);
                    _streams.LookAtFollowers(stream);
                });
            }
        }));

    public ValueTask<long?[]> FindAsync(StreamKey stream, IReadOnlyList<string> eventIds, CancellationToken cancellationToken = default)
    {
        StreamState state = _streams.Pin(stream, toAppend: true);
        try
        {
            lock (state)
            {
                long now = _streams.Now;

                // An id above the tail waits for its commit, and may yet be rolled back.
                return ValueTask.FromResult(eventIds.Select(id => state.Ids.Find(id, now) is { } seq && seq <= state.Tail.Seq ? seq : (long?)null).ToArray());
            }
        }
        finally
        {
            state.Unpin();
        }
    }

    public async ValueTask SaveSnapshotAsync(StreamKey stream, Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StreamState state = _streams.Pin(stream);
        try
        {
            lock (state)
            {
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(snapshot.Seq);
                ArgumentOutOfRangeException.ThrowIfGreaterThan(snapshot.Seq, state.Tail.Seq);
            }

            var save = new PendingSnapshot(state, snapshot);
            _writer.Enqueue(save);
            await save.Task;
        }
        finally
        {
            state.Unpin();
        }
    }

    public ValueTask<Snapshot?> LoadSnapshotAsync(StreamKey stream, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Pinned(stream, state => _readers.Read(c => c.Snapshot(state.Tail.StreamId))));

    public async IAsyncEnumerable<StreamKey> UnsettledAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var flush = new PendingFlush();
        _writer.Enqueue(flush);
        await flush.Task;
        foreach (StreamKey stream in _readers.Read(c => c.Unsettled()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return stream;
        }
    }

    public ValueTask<int> TrimOnceAsync(CancellationToken cancellationToken = default) => _trimmer.TrimOnceAsync(cancellationToken);

    /// <summary>Nothing to do: the file was opened when the log was made, so that a bad file fails the start.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes what waits and brings the file in order. Reads go on; appends are refused.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _writer.StopAsync().WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writer.StopAsync();
        _readers.Dispose();
        _trimmer.Dispose();
        _file.Dispose();
    }

    private LogPage Read(StreamState state, StreamPosition after, int limit)
    {
        Retention retention = _options.Of(state.Key.Kind);
        for (int attempt = 1; ; attempt++)
        {
            Tail tail;
            long known;
            lock (state)
            {
                (tail, known) = (state.Tail, Math.Max(state.Lowest, state.First));
            }

            if (tail.Seq == 0)
            {
                return new LogPage(LogPaging.Judge(after, tail.Head, 1, out _, out long none), tail.Epoch, 0, 1, none, []);
            }

            LogPage page = _readers.Read(c =>
            {
                long lowest = Math.Min(tail.Seq + 1, Lowest.Of(c, state, tail, known, retention, _streams.Now));
                ReadVerdict verdict = LogPaging.Judge(after, tail.Head, lowest, out long from, out long lastValid);
                bool nothing = verdict == ReadVerdict.Reset || limit <= 0 || from > tail.Seq;
                return new LogPage(verdict, tail.Epoch, tail.Seq, lowest, lastValid, nothing ? [] : c.Page(tail, from, limit));
            });

            if (page.Verdict == ReadVerdict.Reset || limit <= 0)
            {
                return page;
            }

            // Appends and a trim pass between the look at the tail and the read may have taken the page's first events.
            long first = Math.Max(after.Seq + 1, page.Lowest);
            long got = page.Entries.Count > 0 ? page.Entries[0].Seq : page.Head + 1;
            if (got <= first)
            {
                return page;
            }

            if (attempt == ReadAttempts)
            {
                return page with { Verdict = ReadVerdict.HistoryLost, Lowest = got };
            }
        }
    }

    private T Pinned<T>(StreamKey stream, Func<StreamState, T> use)
    {
        StreamState state = _streams.Pin(stream);
        try
        {
            return use(state);
        }
        finally
        {
            state.Unpin();
        }
    }
}
