using System.Diagnostics;
using HubService.Streams;
using HubService.Telemetry;

namespace HubService.Delivery;

/// <summary>
/// One stream with members on this node: hands every kept batch to the cursors that stand at the head, and lets the
/// others catch up from the log. The members are the stream's SignalR group.
/// </summary>
internal sealed class StreamFeed(StreamKey stream, AccessNews news, ReplayLanes lanes, HubMetrics metrics) : IDisposable
{
    private readonly Lock _gate = new();
    private Cursor[] _members = [];
    private Following? _following;
    private string _epoch = "";
    private long _head;
    private bool _told;

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
            if (!_told || (_epoch == following.Head.Epoch && _head < following.Head.Seq))
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

    /// <summary>Where the log said just now that the stream ends, unless the feed was told of another epoch since.</summary>
    /// <param name="known">The epoch before the log was asked.</param>
    public void Learn(string known, LogHead head)
    {
        lock (_gate)
        {
            if (_epoch == known && head.Epoch != known)
            {
                GoOnUnsynchronized(head);
            }
        }
    }

    private void OnAppended(LogBatch batch)
    {
        lock (_gate)
        {
            if (batch.Entries.Count == 0)
            {
                GoOnUnsynchronized(batch.Head);
                return;
            }

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
                if (delivered > 0)
                {
                    lanes.SawLive();
                }
            }

            TakeOverUnsynchronized(new LogHead(batch.Epoch, batch.Entries[^1].Seq));
            if (HasNews(batch.Entries))
            {
                news.Add(stream);
            }
        }
    }

    /// <summary>The stream goes on from a head that nothing handed over led to: only the log can tell every member how.</summary>
    private void GoOnUnsynchronized(LogHead head)
    {
        TakeOverUnsynchronized(head);
        foreach (Cursor member in _members)
        {
            member.Outbox.FallBehind(member);
        }

        // What was not handed over may have changed who reads it.
        news.Add(stream);
    }

    private void TakeOverUnsynchronized(LogHead head)
    {
        _told = true;
        _epoch = head.Epoch;
        _head = head.Seq;
    }

    private bool HasNews(IReadOnlyList<LogEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (AccessNews.IsNews(stream.Kind, entries[i].Type))
            {
                return true;
            }
        }

        return false;
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
