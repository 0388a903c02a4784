using HubService.Contracts;
using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>
/// The one thread that writes. It takes all that waits, of whatever streams, commits it as one transaction with one fsync,
/// and only then lets followers and callers know.
/// </summary>
internal sealed partial class LogWriter
{
    private const int FlushEveryEvents = 5_000;
    private const int PagesBeforeCopy = 1_000;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly WriteQueue _queue;
    private readonly WriteConnection _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Completions _completions = new();
    private readonly Refusals _refusals;

    /// <summary>One delegate for all hand-outs.</summary>
    private readonly Action<Exception> _logFollowerThrew;
    private readonly List<StreamState> _dirty = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _committedLsn;
    private long _flushedLsn;
    private bool _copyFails;

    public LogWriter(WriteConnection store, TimeProvider time, ILogger logger)
    {
        _queue = new WriteQueue(time);
        _store = store;
        _time = time;
        _logger = logger;
        _refusals = new Refusals(logger);
        _logFollowerThrew = LogFollowerThrew;
        _committedLsn = _flushedLsn = store.LastLsn;
        new Thread(Run) { IsBackground = true, Name = "event log writer" }.Start();
    }

    /// <summary>Set when the disk failed in a way after which only a restart can tell what it holds.</summary>
    public string? Fault { get; private set; }

    /// <inheritdoc cref="Refusals.Code"/>
    public string? RefusalCode => _refusals.Code;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc cref="WriteQueue.Add"/>
    public void Enqueue(PendingWrite write) => _queue.Add(write);

    /// <summary>Writes what waits, brings the file in order and closes it.</summary>
    public Task StopAsync()
    {
        _queue.Close(new LogException(ErrorCodes.StoreUnavailable, "The event store is closed."));
        return _stopped.Task;
    }

    private void Run()
    {
        while (true)
        {
            bool tidy = RefusalCode is null && _dirty.Count == 0 && _store.PagesInWal == 0;
            List<PendingWrite> group = _queue.Take(tidy ? Timeout.InfiniteTimeSpan : Idle);
            bool idle = group.Count == 0;
            if (idle && _queue.IsClosed)
            {
                break;
            }

            if (!idle)
            {
                LogException? failed = Write(group);
                if (group.Exists(w => w is PendingFlush))
                {
                    Flush();
                    group.ForEach(w => (w as PendingFlush)?.UpTo = _flushedLsn);
                }

                ThreadPool.UnsafeQueueUserWorkItem(new Announcement(group, failed, this), preferLocal: false);
                if (failed?.Code == ErrorCodes.StoreFull)
                {
                    // What the write-ahead log holds may fit into free pages of the file, and then the log begins anew.
                    CopyWal();
                }
            }

            // Both come after the announcement: nobody waits for them.
            if (idle || _committedLsn - _flushedLsn >= FlushEveryEvents)
            {
                Flush();
            }

            if (idle || _store.PagesInWal > PagesBeforeCopy)
            {
                CopyWal();
            }

            if (idle && RefusalCode is not null)
            {
                Probe();
            }
        }

        Flush();
        CopyWal(truncate: true);
        _store.Dispose();
        _stopped.SetResult();
    }

    /// <summary>Null when the group was committed; else why all of it was rolled back.</summary>
    private LogException? Write(List<PendingWrite> group)
    {
        bool committing = false;
        try
        {
            if (Fault is not null)
            {
                return new LogException(ErrorCodes.StoreUnavailable, Fault);
            }

            _store.Begin(Now);
            foreach (PendingWrite write in group)
            {
                write.Apply(_store);
            }

            committing = true;
            _store.Commit();
        }
        catch (Exception e)
        {
            LogException reason = Blame(e, committing);
            _refusals.Begin(reason.Code, group.Sum(w => w.Weight.Bytes), e);
            RollBack();
            group.ForEach(w => w.RolledBack());
            return reason;
        }

        _committedLsn = _store.LastLsn;
        _refusals.End();
        foreach (PendingWrite write in group)
        {
            if (write is not PendingAppend append)
            {
                write.Committed();
            }
            else if (append.Grow() && !append.State.Dirty)
            {
                append.State.Dirty = true;
                _dirty.Add(append.State);
            }
        }

        return null;
    }

    /// <summary>Writes the heads of the streams that grew into their rows. Not lost when it fails: a restart finds them from the events.</summary>
    private void Flush()
    {
        if (_dirty.Count == 0 || Fault is not null)
        {
            return;
        }

        bool committing = false;
        try
        {
            _store.Begin(Now);
            _dirty.ForEach(s => _store.SaveHead(s.Tail));
            _store.SaveCheckpoint();
            committing = true;
            _store.Commit();
        }
        catch (SqliteFailure e)
        {
            Blame(e, committing);
            if (RefusalCode is null)
            {
                LogFlushFailed(e);
            }

            RollBack();
            return;
        }

        _flushedLsn = _committedLsn;
        foreach (StreamState state in _dirty)
        {
            lock (state)
            {
                state.Dirty = false;
            }
        }

        _dirty.Clear();
    }

    private void CopyWal(bool truncate = false)
    {
        try
        {
            if (Fault is null)
            {
                _store.CopyWalIntoFile(truncate);
                _copyFails = false;
            }
        }
        catch (SqliteFailure e)
        {
            // Not lost: the write-ahead log keeps what could not be copied.
            Blame(e, committing: true);
            if (!_copyFails && RefusalCode is null)
            {
                LogCopyFailed(e);
            }

            _copyFails = true;
        }
    }

    /// <summary>Finds out whether as much can be written again as was refused last, when nobody tries.</summary>
    private void Probe()
    {
        if (Fault is not null)
        {
            return;
        }

        try
        {
            _store.Probe(Now, _refusals.ProbeBytes);
            _refusals.End();
        }
        catch (SqliteFailure e)
        {
            Blame(e, committing: true);
            RollBack();
        }
    }

    private void RollBack()
    {
        try
        {
            _store.Rollback(_committedLsn);
        }
        catch (SqliteFailure e)
        {
            Fault = "The event store could not roll back. Check the disk and restart; until then nothing is written.";
            LogRollbackFailed(e);
        }
    }

    private LogException Blame(Exception e, bool committing)
    {
        if (e is SqliteFailure { IsFsync: true })
        {
            Fault = "The disk of the event store failed to sync. Check the disk and restart; until then nothing is written.";
        }

        return e is SqliteFailure failure ? failure.ToLogException(committing) : new LogException(ErrorCodes.StoreUnavailable, "The event store failed.", e);
    }

    /// <summary>One work item for all the hand-outs and completions of a group.</summary>
    private sealed class Announcement(List<PendingWrite> group, LogException? failed, LogWriter writer) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            foreach (PendingWrite write in group)
            {
                if (failed is null && write is PendingAppend append)
                {
                    append.State.HandOut(writer._completions, writer._logFollowerThrew);
                }
                else
                {
                    writer._completions.Add(write, failed);
                }
            }

            writer._completions.Run();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Roll-back failed")]
    private partial void LogRollbackFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream heads could not be flushed; they are kept in memory and found again at a restart")]
    private partial void LogFlushFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The write-ahead log could not be copied into the file")]
    private partial void LogCopyFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "A follower threw")]
    private partial void LogFollowerThrew(Exception exception);
}
