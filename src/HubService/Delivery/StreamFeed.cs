using System.Diagnostics;
using HubService.Streams;
using HubService.Telemetry;

namespace HubService.Delivery;

/// <summary>
/// One stream with members on this node: hands every kept batch to the cursors that stand at the head, and lets the
/// others catch up from the log. The members are the stream's SignalR group.
/// </summary>
internal sealed class StreamFeed(StreamKey stream, Telemetry.HubMetrics metrics) : IDisposable
{
    private readonly Lock _gate = new();
    private Cursor[] _members = [];
    private Following? _following;
    private string _epoch = "";
    private long _head;

    public StreamKey Stream => stream;

    public LogHead Head
    {
        get
        {
            lock (_gate)
            {
                return new LogHead(_epoch, _head);
            }
        }
    }

    /// <summary>A snapshot of the members.</summary>
    public Cursor[] Members => Volatile.Read(ref _members);

    public async Task OpenAsync(IEventLog log)
    {
        Following following = await log.FollowAsync(stream, OnAppended);
        lock (_gate)
        {
            _following = following;
            // A batch may have been handed over between the registration and here.
            if (_head == 0 || (_epoch == following.Head.Epoch && _head < following.Head.Seq))
            {
                _epoch = following.Head.Epoch;
                _head = following.Head.Seq;
            }
        }
    }

    public void Add(Cursor cursor)
    {
        lock (_gate)
        {
            _members = [.. _members, cursor];
        }
    }

    /// <summary>False when it was no member any more.</summary>
    public bool Remove(Cursor cursor)
    {
        lock (_gate)
        {
            int before = _members.Length;
            _members = Array.FindAll(_members, c => c != cursor);
            return _members.Length < before;
        }
    }

    /// <summary>Makes the cursor live if it stands at the head; false when there is more to read first.</summary>
    public bool TryGoLive(Cursor cursor)
    {
        lock (_gate)
        {
            return cursor.Outbox.TryGoLive(cursor, new LogHead(_epoch, _head));
        }
    }

    public void Dispose() => _following?.Dispose();

    private void OnAppended(LogBatch batch)
    {
        lock (_gate)
        {
            Cursor[] members = _members;
            if (members.Length > 0)
            {
                int delivered = 0;
                using Activity? span = HubTracing.IsRecorded ? HubTracing.StartDelivery(stream.StreamId, batch.Entries.Count, EventFrames.TraceparentOf(batch.Entries[0])) : null;
                for (int next = 0; next < batch.Entries.Count;)
                {
                    EventChunk chunk = EventChunk.Take(stream.Kind, batch.Epoch, batch.Entries, next);
                    delivered += Broadcast(members, chunk);
                    next += chunk.Count;
                }

                metrics.Delivered(stream.Kind, delivered);
            }

            _epoch = batch.Epoch;
            _head = batch.Entries[^1].Seq;
        }
    }

    private static int Broadcast(Cursor[] members, EventChunk chunk)
    {
        int delivered = 0;
        foreach (Cursor member in members)
        {
            if (member.Outbox.Post(member, chunk))
            {
                delivered += chunk.Count;
            }
        }

        return delivered;
    }
}
