using HubService.MessagePack;
using HubService.Streams;
using HubService.Telemetry;
using HubService.Wire;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>
/// Everything that leaves for one connection besides SignalR's own answers. While the connection keeps up, a message is
/// written at once; otherwise it waits in a bounded queue; when that is full the waiting events are dropped and their
/// cursors fall behind, to be fed from the log. Nobody ever waits for the connection but its own pump.
/// </summary>
internal sealed partial class Outbox(HubConnectionContext connection, IEventLog log, ReplayPages pages, ReplayLanes lanes, DeliveryOptions options, TimeProvider time, HubMetrics metrics, ILogger logger)
{
    private readonly bool _packs = connection.Protocol.Name == MessagePackHubProtocol.ProtocolName;
    private readonly DirectWriter? _direct = connection.Features.Get<DirectConnection>()?.Writer;
    private readonly Lock _gate = new();
    private OutboxQueue _queue;

    /// <summary>Made when it is needed: most connections never are behind.</summary>
    private Queue<Cursor>? _behind;
    private readonly Dictionary<string, Cursor> _cursors = new(StringComparer.Ordinal);
    private bool _pumping;
    private bool _pageNext;
    private volatile bool _inLine;
    private bool _closed;
    private long _progressAt = time.GetTimestamp();

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

    /// <summary>What waits in the queue; a message of no log counts as an event.</summary>
    public (int Events, int Bytes) Queued
    {
        get
        {
            lock (_gate)
            {
                return (_queue.Events, _queue.Bytes);
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

    /// <summary>Enters the cursor; returns the one it replaces, or null. False when the connection has as many as it may, or is closed.</summary>
    public bool TryAdd(Cursor cursor, out Cursor? replaced)
    {
        lock (_gate)
        {
            if ((!_cursors.TryGetValue(cursor.Stream.Group, out replaced) && _cursors.Count >= options.SubscriptionsPerConnection) || _closed)
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

    /// <summary>Removes this very cursor, unless another has its place.</summary>
    public void Remove(Cursor cursor)
    {
        lock (_gate)
        {
            if (_cursors.GetValueOrDefault(cursor.Stream.Group) == cursor)
            {
                Remove(cursor.Stream.Group);
            }
        }
    }

    /// <summary>Closes for good; returns the cursors, which are all stopped.</summary>
    public IReadOnlyCollection<Cursor> RemoveAll()
    {
        lock (_gate)
        {
            CloseUnsynchronized();
            Cursor[] cursors = [.. _cursors.Values];
            _cursors.Clear();
            Array.ForEach(cursors, c => c.Mode = CursorMode.Stopped);
            return cursors;
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

    /// <summary>Broadcast events for a cursor. Ignored unless the cursor is live: a cursor that is behind reads them from the log.</summary>
    /// <returns>True when the events were written or wait.</returns>
    public bool Post(Cursor cursor, EventChunk chunk)
    {
        lock (_gate)
        {
            if (cursor.Mode != CursorMode.Live || _closed)
            {
                return false;
            }

            EventPlace place = cursor.PlaceOf(chunk);
            if (place == EventPlace.Seen)
            {
                return false;
            }

            OutboundMessage message = Spoken(chunk.Message);
            bool room = !_pumping || (_queue.Events + chunk.Count <= options.OutboxMessages && _queue.Bytes + message.Frame.Length <= options.OutboxBytes);
            if (place == EventPlace.Beyond || !room)
            {
                OverflowUnsynchronized(cursor, chunk.Count);
                return false;
            }

            cursor.Posted = chunk.Last;
            if (_pumping)
            {
                _queue.Add(cursor, chunk, message);
            }
            else
            {
                cursor.Written = chunk.Last;
                WriteOrPumpUnsynchronized(message);
            }

            return true;
        }
    }

    /// <summary>Lets a live cursor go on from the log.</summary>
    public void FallBehind(Cursor cursor)
    {
        lock (_gate)
        {
            if (cursor.Mode == CursorMode.Live && cursor.Posted != cursor.Written)
            {
                // What of it still waits comes from the log as well.
                OverflowUnsynchronized(cursor, 0);
            }

            FallBehindIfLiveUnsynchronized(cursor);
        }
    }

    /// <summary>A message that is in no log: a session event, a request to a worker. Kept in order with what was posted before.</summary>
    /// <returns>False when the connection is gone, or is closed now because far too much waits for it: nothing is left out silently.</returns>
    public bool Send(OutboundMessage message)
    {
        message = Spoken(message);
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

            if (_queue.Bytes + message.Frame.Length <= 2L * options.OutboxBytes)
            {
                _queue.Add(message);
                return true;
            }
        }

        Abort();
        return false;
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

            // The log may be ahead of what the feed was handed: what comes twice is seen by its place.
            if (cursor.Written.Seq < head.Seq || (head.Seq > 0 && cursor.Written.Epoch != head.Epoch))
            {
                return false;
            }

            cursor.Mode = CursorMode.Live;
            cursor.Posted = cursor.Written;
            return true;
        }
    }

    /// <summary>Closes the connection so that its client reconnects, if it has taken nothing for too long. True when it did.</summary>
    public bool CloseIfStalled()
    {
        lock (_gate)
        {
            bool stalled = _direct?.IsStalled(options.StallTimeout) ?? (_pumping && !_inLine && time.GetElapsedTime(_progressAt) >= options.StallTimeout);
            if (_closed || !stalled)
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

    /// <summary>Cuts the connection, so that its client reconnects: SignalR's own abort would tell it not to.</summary>
    public void Abort()
    {
        Close();
        try
        {
            connection.Features.Get<IConnectionLifetimeFeature>()?.Abort();
        }
        catch (ObjectDisposedException)
        {
            // The connection ended by itself just now.
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            CloseUnsynchronized();
        }
    }

    /// <summary>The message in the connection's protocol.</summary>
    private OutboundMessage Spoken(OutboundMessage message) => _packs ? message.Packed : message;

    private void CloseUnsynchronized()
    {
        _closed = true;
        _queue.Clear();
        _behind = null;
    }

    private void FallBehindUnsynchronized(Cursor cursor)
    {
        cursor.Mode = CursorMode.Behind;
        cursor.BeforeLastPage = null;
        (_behind ??= new()).Enqueue(cursor);
        if (!_pumping && !_closed)
        {
            _pumping = true;
            _progressAt = time.GetTimestamp();
            // Off the caller's thread, who may be broadcasting to others.
            ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.PumpAsync(Task.CompletedTask), this, preferLocal: false);
        }
    }

    /// <summary>Drops every event that waits, and lets its cursor read it from the log instead.</summary>
    private void OverflowUnsynchronized(Cursor cursor, int events)
    {
        int dropped = events + _queue.DropEvents(FallBehindIfLiveUnsynchronized);
        FallBehindIfLiveUnsynchronized(cursor);
        metrics.Dropped(dropped);
    }

    private void FallBehindIfLiveUnsynchronized(Cursor cursor)
    {
        if (cursor.Mode == CursorMode.Live)
        {
            FallBehindUnsynchronized(cursor);
        }
    }

    /// <summary>In the order of the calls, also with SignalR's own writes, which go to the same writer.</summary>
    private ValueTask Write(OutboundMessage message) => _direct is null ? connection.WriteAsync(message.Message) : _direct.WriteAsync(_packs, message.Frame.Span, mayGather: true);

    private void WriteOrPumpUnsynchronized(OutboundMessage message)
    {
        ValueTask write = Write(message);
        if (!write.IsCompletedSuccessfully)
        {
            _pumping = true;
            _progressAt = time.GetTimestamp();
            _ = PumpAsync(write.AsTask());
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection {ConnectionId} took nothing for too long and is closed; its client may resume")]
    private static partial void LogStalled(ILogger logger, string connectionId);
}
