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
    private readonly List<Cursor> _members = [];

    /// <summary>Null from when a member comes or leaves until somebody is written to.</summary>
    private Cursor[]? _snapshot;
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

    public int MemberCount
    {
        get
        {
            lock (_gate)
            {
                return _members.Count;
            }
        }
    }

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
            cursor.MemberIndex = _members.Count;
            _members.Add(cursor);
            _snapshot = null;
        }
    }

    /// <summary>False when it was no member any more.</summary>
    public bool Remove(Cursor cursor)
    {
        lock (_gate)
        {
            int index = cursor.MemberIndex;
            if (index < 0)
            {
                return false;
            }

            // The last one takes its place: to leave a large group costs what it costs to leave a small one.
            Cursor last = _members[^1];
            _members[index] = last;
            last.MemberIndex = index;
            cursor.MemberIndex = -1;
            _members.RemoveAt(_members.Count - 1);
            _snapshot = null;
            return true;
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

            Cursor[] members = SnapshotUnsynchronized();
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
        foreach (Cursor member in SnapshotUnsynchronized())
        {
            member.Outbox.FallBehind(member);
        }

        // What was not handed over may have changed who reads it.
        news.Add(stream);
    }

    /// <summary>The members as they are now: a write runs code of the connection, in which a member may leave.</summary>
    private Cursor[] SnapshotUnsynchronized() => _snapshot ??= [.. _members];

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
