using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>What writes for a connection that does not keep up.</summary>
internal sealed partial class Outbox
{
    /// <summary>The only writer while it runs: first what waits, then a page for one cursor that is behind, and again.</summary>
    private async Task PumpAsync(Task first)
    {
        try
        {
            // Never on the stack of a broadcaster, who holds locks.
            await first.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            while (TryTakeNext(out ValueTask written, out Cursor? behind))
            {
                await (behind is null ? written : ReplayInTurnAsync(behind));
            }
        }
        catch (Exception) when (connection.ConnectionAborted.IsCancellationRequested)
        {
            // The connection went away under the write; its client resumes from its own position.
            Close();
        }
        catch (Exception e)
        {
            // Most likely the log cannot be read now: the client reconnects, resumes and asks again.
            LogPumpFailed(logger, e, connection.ConnectionId);
            Abort();
        }
    }

    private bool TryTakeNext(out ValueTask written, out Cursor? behind)
    {
        lock (_gate)
        {
            written = default;
            behind = null;
            _progressAt = time.GetTimestamp();
            if (_closed)
            {
                return false;
            }

            // In turns: neither does a busy stream hold up another one's replay, nor a long replay the rest for more than a page.
            if (!(_pageNext && _behind is { Count: > 0 }) && _queue.TryTake(out OutboundMessage? gathered))
            {
                _pageNext = true;
                // Under the lock, so that nothing of a cursor can follow the answer to the call that stopped it.
                written = Write(gathered);
                return true;
            }

            _pageNext = false;
            while (_behind is not null && _behind.TryDequeue(out behind))
            {
                if (behind.Mode == CursorMode.Behind)
                {
                    return true;
                }
            }

            // True when the queue had to give way to cursors that have been stopped since.
            _pumping = _queue.Events > 0;
            return _pumping;
        }
    }

    private async ValueTask ReplayInTurnAsync(Cursor cursor)
    {
        _inLine = true;
        ReplayTurns turns = lanes.Choose(cursor, options.ReplayPage);
        await turns.EnterAsync();
        Volatile.Write(ref _progressAt, time.GetTimestamp());
        _inLine = false;
        try
        {
            await ReplayPageAsync(cursor, turns);
        }
        finally
        {
            turns.Leave();
        }
    }

    private async ValueTask ReplayPageAsync(Cursor cursor, ReplayTurns turns)
    {
        StreamPosition at = cursor.Written;
        foreach (ReadOnlyMemory<byte> frame in cursor.Prelude)
        {
            await WriteAsync(turns, cursor, new OutboundMessage(frame), at);
        }

        cursor.Prelude = [];
        (LogPage page, IReadOnlyList<EventChunk> chunks) = await turns.OutsideAsync(pages.ReadAsync(cursor.Stream, at, options.ReplayPage));
        if (page.Verdict != ReadVerdict.Ok)
        {
            var interruption = new OutboundMessage(Interruption.Frame(cursor.Stream, at, page, time));
            await WriteAsync(turns, cursor, interruption, page.GoesOnFrom);
        }

        bool wanted = true;
        for (int next = 0; next < chunks.Count && wanted; next++)
        {
            wanted = await WriteAsync(turns, cursor, chunks[next].Message, chunks[next].Last);
            metrics.Replayed(cursor.Stream.Kind, wanted ? chunks[next].Count : 0);
        }

        if (page is { Verdict: ReadVerdict.Ok, Entries.Count: 0 })
        {
            TakeOver(cursor, at, page.Epoch);
        }

        if (!cursor.Feed.TryGoLive(cursor))
        {
            await turns.OutsideAsync(LearnAsync(cursor));
            lock (_gate)
            {
                (_behind ??= new()).Enqueue(cursor);
            }
        }
    }

    /// <summary>The position holds in the epoch that the stream goes on under: it is one of that epoch from now on.</summary>
    private void TakeOver(Cursor cursor, StreamPosition at, string epoch)
    {
        lock (_gate)
        {
            if (cursor.Mode == CursorMode.Behind && at.Epoch != epoch)
            {
                cursor.Written = at with { Epoch = epoch };
            }
        }
    }

    /// <summary>Where the cursor has read in another epoch than its feed knows, and that is the present one, the feed learns it here: it may be told late.</summary>
    private async ValueTask LearnAsync(Cursor cursor)
    {
        string known = cursor.Feed.Head.Epoch;
        if (cursor.Mode == CursorMode.Behind && cursor.Written.Epoch != known)
        {
            LogHead head = await log.HeadAsync(cursor.Stream);
            if (head.Epoch == cursor.Written.Epoch)
            {
                cursor.Feed.Learn(known, head);
            }
        }
    }

    /// <summary>Writes a part of the cursor's replay. False, and nothing is written, when the cursor has been stopped.</summary>
    private async ValueTask<bool> WriteAsync(ReplayTurns turns, Cursor cursor, OutboundMessage message, StreamPosition upTo)
    {
        ValueTask write;
        lock (_gate)
        {
            if (cursor.Mode != CursorMode.Behind || _closed)
            {
                return false;
            }

            write = Write(Spoken(message));
            cursor.Written = upTo;
        }

        await turns.OutsideAsync(write);
        await turns.PauseAsync();
        Volatile.Write(ref _progressAt, time.GetTimestamp());
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery to connection {ConnectionId} failed; it is closed, and its client may resume")]
    private static partial void LogPumpFailed(ILogger logger, Exception exception, string connectionId);
}
