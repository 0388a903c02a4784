using System.Buffers;
using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>
/// Everything that leaves for one connection besides SignalR's own answers. While the connection keeps up, a message is
/// written at once; otherwise it waits in a bounded queue; when that is full the waiting events are dropped and their
/// cursors fall behind, to be fed from the log. Nobody ever waits for the connection but its own pump.
/// </summary>
internal sealed partial class Outbox(HubConnectionContext connection, IEventLog log, DeliveryOptions options, TimeProvider time, HubMetrics metrics, ILogger logger)
{
    private const int GatherBytes = 32 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<Pending> _queue = new();
    private readonly Queue<Cursor> _behind = new();
    private readonly Dictionary<string, Cursor> _cursors = new(StringComparer.Ordinal);
    private int _queuedBytes;
    private bool _pumping;
    private bool _closed;
    private long _progressAt = time.GetTimestamp();

    /// <summary>A message in the queue; without a cursor it is not in any log and is never dropped.</summary>
    private readonly record struct Pending(Cursor? Cursor, string Epoch, long Seq, OutboundMessage Message);

    public HubConnectionContext Connection => connection;

    /// <summary>What this connection subscribes to, by SignalR group.</summary>
    public IReadOnlyCollection<Cursor> Cursors
    {
        get
        {
            lock (_gate)
            {
                return [.. _cursors.Values];
            }
        }
    }

    public bool HasRoom(string group)
    {
        lock (_gate)
        {
            return _cursors.ContainsKey(group) || _cursors.Count < options.SubscriptionsPerConnection;
        }
    }

    /// <summary>Enters the cursor; returns the one it replaces, or null. False when the connection has as many as it may.</summary>
    public bool TryAdd(Cursor cursor, out Cursor? replaced)
    {
        lock (_gate)
        {
            if (!_cursors.TryGetValue(cursor.Stream.Group, out replaced) && _cursors.Count >= options.SubscriptionsPerConnection)
            {
                return false;
            }

            if (replaced is not null)
            {
                replaced.Mode = CursorMode.Stopped;
            }

            _cursors[cursor.Stream.Group] = cursor;
            return true;
        }
    }

    public Cursor? Find(string group)
    {
        lock (_gate)
        {
            return _cursors.GetValueOrDefault(group);
        }
    }

    public Cursor? Remove(string group)
    {
        lock (_gate)
        {
            if (_cursors.Remove(group, out Cursor? cursor))
            {
                cursor.Mode = CursorMode.Stopped;
            }

            return cursor;
        }
    }

    /// <summary>Starts feeding a waiting cursor from its position.</summary>
    public void Start(Cursor cursor)
    {
        lock (_gate)
        {
            if (cursor.Mode != CursorMode.Waiting)
            {
                return;
            }

            cursor.Mode = CursorMode.Behind;
        }

        if (cursor.Prelude.Count == 0 && cursor.Feed.TryGoLive(cursor))
        {
            return;
        }

        lock (_gate)
        {
            if (cursor.Mode == CursorMode.Behind)
            {
                FallBehindUnsynchronized(cursor);
            }
        }
    }

    /// <summary>One broadcast event for a cursor. Ignored unless the cursor is live: a cursor that is behind reads it from the log.</summary>
    /// <returns>True when the event was written or waits.</returns>
    public bool Post(Cursor cursor, string epoch, long seq, OutboundMessage message)
    {
        lock (_gate)
        {
            if (cursor.Mode != CursorMode.Live || _closed)
            {
                return false;
            }

            if (!_pumping)
            {
                cursor.Written = new StreamPosition(epoch, seq);
                WriteOrPumpUnsynchronized(message);
            }
            else if (_queue.Count < options.OutboxMessages && _queuedBytes + message.Frame.Length <= options.OutboxBytes)
            {
                EnqueueUnsynchronized(new Pending(cursor, epoch, seq, message));
            }
            else
            {
                OverflowUnsynchronized(cursor);
                return false;
            }

            return true;
        }
    }

    /// <summary>A message that is in no log: a session event, a request to a worker. Kept in order with what was posted before.</summary>
    /// <returns>False when the connection is gone or takes nothing any more.</returns>
    public bool Send(OutboundMessage message)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            if (!_pumping)
            {
                WriteOrPumpUnsynchronized(message);
                return true;
            }

            if (_queuedBytes + message.Frame.Length > 2 * options.OutboxBytes)
            {
                return false;
            }

            EnqueueUnsynchronized(new Pending(null, "", 0, message));
            return true;
        }
    }

    /// <summary>Called by the feed, which holds its lock, for a cursor that has read up to a head.</summary>
    public bool TryGoLive(Cursor cursor, LogHead head)
    {
        lock (_gate)
        {
            if (cursor.Mode != CursorMode.Behind)
            {
                return true;
            }

            if (cursor.Written.Seq != head.Seq || (head.Epoch.Length > 0 && cursor.Written.Epoch.Length > 0 && cursor.Written.Epoch != head.Epoch))
            {
                return false;
            }

            cursor.Mode = CursorMode.Live;
            return true;
        }
    }

    /// <summary>Closes the connection so that its client reconnects, if it has taken nothing for too long. True when it did.</summary>
    public bool CloseIfStalled()
    {
        lock (_gate)
        {
            if (_closed || !_pumping || time.GetElapsedTime(_progressAt) < options.StallTimeout)
            {
                return false;
            }

            CloseUnsynchronized();
        }

        LogStalled(logger, connection.ConnectionId);
        metrics.SlowConsumerClosed();
        Abort();
        return true;
    }

    public void Close()
    {
        lock (_gate)
        {
            CloseUnsynchronized();
        }
    }

    /// <summary>Drops the transport, so that the client reconnects; SignalR's own abort would tell it not to.</summary>
    public void Abort()
    {
        try
        {
            connection.Features.Get<IConnectionLifetimeFeature>()?.Abort();
        }
        catch (ObjectDisposedException)
        {
            // The connection ended by itself just now.
        }
    }

    private void CloseUnsynchronized()
    {
        _closed = true;
        _queue.Clear();
        _queuedBytes = 0;
        _behind.Clear();
    }

    private void EnqueueUnsynchronized(Pending pending)
    {
        _queue.Enqueue(pending);
        _queuedBytes += pending.Message.Frame.Length;
    }

    private void FallBehindUnsynchronized(Cursor cursor)
    {
        cursor.Mode = CursorMode.Behind;
        _behind.Enqueue(cursor);
        if (!_pumping && !_closed)
        {
            _pumping = true;
            _progressAt = time.GetTimestamp();
            // Off the caller's thread, who may be broadcasting to others.
            ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.PumpAsync(Task.CompletedTask), this, preferLocal: false);
        }
    }

    /// <summary>Drops every event that waits, and lets its cursor read it from the log instead.</summary>
    private void OverflowUnsynchronized(Cursor cursor)
    {
        int dropped = 1;
        int count = _queue.Count;
        for (int i = 0; i < count; i++)
        {
            Pending pending = _queue.Dequeue();
            if (pending.Cursor is null)
            {
                _queue.Enqueue(pending);
                continue;
            }

            _queuedBytes -= pending.Message.Frame.Length;
            dropped++;
            if (pending.Cursor.Mode == CursorMode.Live)
            {
                FallBehindUnsynchronized(pending.Cursor);
            }
        }

        if (cursor.Mode == CursorMode.Live)
        {
            FallBehindUnsynchronized(cursor);
        }

        metrics.Dropped(dropped);
    }

    private void WriteOrPumpUnsynchronized(OutboundMessage message)
    {
        ValueTask write = connection.WriteAsync(message.Message);
        if (!write.IsCompletedSuccessfully)
        {
            _pumping = true;
            _progressAt = time.GetTimestamp();
            _ = PumpAsync(write.AsTask());
        }
    }

    /// <summary>The only writer while it runs: first what waits, then a page for one cursor that is behind, and again.</summary>
    private async Task PumpAsync(Task first)
    {
        try
        {
            // Never on the stack of a broadcaster, who holds locks.
            await first.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            while (TakeNext(out OutboundMessage? gathered, out Cursor? behind))
            {
                if (gathered is not null)
                {
                    await WriteAsync(gathered);
                }
                else
                {
                    await ReplayPageAsync(behind!);
                }
            }
        }
        catch (LogException e)
        {
            // The log cannot be read now: the client reconnects, resumes and asks again.
            LogPumpFailed(logger, e, connection.ConnectionId);
            Close();
            Abort();
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException or ObjectDisposedException)
        {
            // The connection went away under the write; its client resumes from its own position.
            Close();
        }
    }

    private bool TakeNext(out OutboundMessage? gathered, out Cursor? behind)
    {
        lock (_gate)
        {
            gathered = null;
            behind = null;
            _progressAt = time.GetTimestamp();
            if (_closed)
            {
                return false;
            }

            if (_queue.Count > 0)
            {
                gathered = GatherUnsynchronized();
                return true;
            }

            while (_behind.TryDequeue(out behind))
            {
                if (behind.Mode == CursorMode.Behind)
                {
                    return true;
                }
            }

            _pumping = false;
            return false;
        }
    }

    /// <summary>Several records in one write cost what one costs.</summary>
    private OutboundMessage GatherUnsynchronized()
    {
        Pending next = Dequeue();
        if (_queue.Count == 0 || next.Message.Frame.Length >= GatherBytes)
        {
            return next.Message;
        }

        var frames = new ArrayBufferWriter<byte>(Math.Min(GatherBytes, next.Message.Frame.Length + _queuedBytes));
        frames.Write(next.Message.Frame.Span);
        while (_queue.TryPeek(out Pending peek) && frames.WrittenCount + peek.Message.Frame.Length <= GatherBytes)
        {
            frames.Write(Dequeue().Message.Frame.Span);
        }

        return new OutboundMessage(frames.WrittenMemory);

        Pending Dequeue()
        {
            Pending pending = _queue.Dequeue();
            _queuedBytes -= pending.Message.Frame.Length;
            if (pending.Cursor is { Mode: CursorMode.Live } cursor)
            {
                cursor.Written = new StreamPosition(pending.Epoch, pending.Seq);
            }

            return pending;
        }
    }

    private async Task ReplayPageAsync(Cursor cursor)
    {
        foreach (ReadOnlyMemory<byte> greeting in cursor.Prelude)
        {
            await WriteAsync(new OutboundMessage(greeting));
        }

        cursor.Prelude = [];
        LogPage page = await log.ReadAsync(cursor.Stream, cursor.Written, options.ReplayPage);
        if (page.Verdict != ReadVerdict.Ok)
        {
            await WriteAsync(new OutboundMessage(Interruption.Frame(cursor, page, time)));
        }

        StreamPosition written = page.Verdict switch
        {
            ReadVerdict.HistoryLost => new StreamPosition(page.Epoch, page.Lowest - 1),
            ReadVerdict.Reset => new StreamPosition(page.Epoch, page.LastValid),
            _ => cursor.Written with { Epoch = page.Epoch },
        };
        int at = 0;
        while (at < page.Entries.Count && cursor.Mode == CursorMode.Behind)
        {
            var frames = new ArrayBufferWriter<byte>(4096);
            do
            {
                LogEntry entry = page.Entries[at++];
                frames.Write(EventFrames.Invocation(cursor.Stream.Kind, page.Epoch, entry).Span);
                written = new StreamPosition(page.Epoch, entry.Seq);
            }
            while (at < page.Entries.Count && frames.WrittenCount < GatherBytes);
            await WriteAsync(new OutboundMessage(frames.WrittenMemory));
        }

        metrics.Replayed(cursor.Stream.Kind, page.Entries.Count);
        lock (_gate)
        {
            cursor.Written = written;
        }

        if (cursor.Mode == CursorMode.Behind && !cursor.Feed.TryGoLive(cursor))
        {
            lock (_gate)
            {
                _behind.Enqueue(cursor);
            }
        }
    }

    private async ValueTask WriteAsync(OutboundMessage message)
    {
        await connection.WriteAsync(message.Message);
        _progressAt = time.GetTimestamp();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection {ConnectionId} took nothing for too long and is closed; its client may resume")]
    private static partial void LogStalled(ILogger logger, string connectionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The log could not be read for connection {ConnectionId}, which is closed; its client may resume")]
    private static partial void LogPumpFailed(ILogger logger, Exception exception, string connectionId);
}
