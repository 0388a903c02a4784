using HubService.Contracts;
using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>One event's place and what a walk over a stream needs to know of it.</summary>
internal readonly record struct Place(long Seq, long Lsn, long Ts, long At, bool Idempotent, long Bytes);

/// <summary>The questions asked of the store, on one read-only connection.</summary>
internal sealed class ReadConnection : IDisposable
{
    /// <summary>Every so many events of a stream have a mark.</summary>
    public const int MarkEvery = 64;

    private readonly Database _database;
    private readonly Statement _begin;
    private readonly Statement _end;
    private readonly Statement _stream;
    private readonly Statement _place;
    private readonly Statement _event;
    private readonly Statement _markAtOrAfter;
    private readonly Statement _youngMark;
    private readonly Statement _eventId;

    public ReadConnection(Database database)
    {
        _database = database;
        _begin = database.Prepare("BEGIN");
        _end = database.Prepare("COMMIT");
        _stream = database.Prepare("SELECT id, epoch, head_seq, head_lsn, first_seq FROM streams WHERE tenant=?1 AND kind=?2 AND name=?3");
        _place = database.Prepare("SELECT stream, seq, prev, ts, at, idempotent, length(body) FROM events WHERE lsn=?1");
        _event = database.Prepare("SELECT seq, ts, type, event_id, body FROM events WHERE lsn=?1");
        _eventId = database.Prepare("SELECT event_id FROM events WHERE lsn=?1");
        _markAtOrAfter = database.Prepare("SELECT seq, lsn FROM marks WHERE stream=?1 AND seq>=?2 ORDER BY seq LIMIT 1");
        _youngMark = database.Prepare("SELECT seq, lsn, min_ts FROM marks WHERE stream=?1 AND seq>=?2 AND max_ts>=?3 ORDER BY seq LIMIT 1");
    }

    /// <summary>Everything read inside sees the store as of one commit.</summary>
    public T InSnapshot<T>(Func<ReadConnection, T> read)
    {
        _begin.Run();
        T result = read(this);
        _end.Run();
        return result;
    }

    public void Load(StreamState state)
    {
        _stream.Bind(1, state.Key.Tenant).Bind(2, state.Key.Kind).Bind(3, state.Key.Id);
        if (_stream.Step())
        {
            state.Tail = state.Next = new Tail(_stream.Long(0), _stream.Text(1), _stream.Long(2), _stream.Long(3), long.MaxValue, long.MinValue);
            state.First = state.Lowest = _stream.Long(4);
        }

        _stream.Reset();
    }

    /// <summary>Fills in the ids of the idempotency window and the block after the last mark.</summary>
    public void LoadForAppend(StreamState state, long oldestAt)
    {
        long afterMark = state.Tail.Seq - (state.Tail.Seq % MarkEvery) + 1;
        var ids = new Stack<(string Id, Place Place)>();
        Tail tail = state.Tail;
        foreach (Place place in Back(tail.StreamId, tail.Lsn, state.First))
        {
            if (place.At < oldestAt && place.Seq < afterMark)
            {
                break;
            }

            if (place.Idempotent && place.At >= oldestAt)
            {
                ids.Push((EventId(place.Lsn), place));
            }

            if (place.Seq >= afterMark)
            {
                tail = tail with { MinTs = Math.Min(tail.MinTs, place.Ts), MaxTs = Math.Max(tail.MaxTs, place.Ts) };
            }
        }

        foreach ((string id, Place place) in ids)
        {
            state.Ids.Add(id, place.Seq, place.At);
        }

        state.Tail = state.Next = tail;
    }

    /// <summary>The first seq from <paramref name="from"/> on whose event is not older than <paramref name="oldestTs"/>; head + 1 when all are.</summary>
    public long FirstYoung(in Tail tail, long from, long oldestTs)
    {
        while (true)
        {
            _youngMark.Bind(1, tail.StreamId).Bind(2, from).Bind(3, oldestTs);
            bool marked = _youngMark.Step() && _youngMark.Long(0) <= tail.Seq;
            (long end, long lsn) = marked ? (_youngMark.Long(0), _youngMark.Long(1)) : (tail.Seq, tail.Lsn);
            bool allYoung = marked && _youngMark.Long(2) >= oldestTs;
            _youngMark.Reset();

            long block = Math.Max(from, marked ? end - MarkEvery + 1 : end - (end % MarkEvery) + 1);
            if (allYoung)
            {
                return block;
            }

            long first = end + 1;
            foreach (Place place in Back(tail.StreamId, lsn, block))
            {
                first = place.Ts >= oldestTs ? place.Seq : first;
            }

            if (first <= end || !marked)
            {
                return first;
            }

            // What made the mark young lies before the seq asked for.
            from = first;
        }
    }

    /// <summary>A page that starts at <paramref name="from"/>; it starts later when a trim pass has just removed that event.</summary>
    public List<LogEntry> Page(in Tail tail, long from, int limit)
    {
        List<Place> places = Places(tail, from, Math.Min(tail.Seq, from + limit - 1));
        var page = new List<LogEntry>(places.Count);
        long bytes = 0;
        foreach (Place place in places)
        {
            bytes += place.Bytes;
            if (bytes > LogPaging.MaxBytes && page.Count > 0)
            {
                break;
            }

            _event.Bind(1, place.Lsn);
            if (_event.Step())
            {
                page.Add(new LogEntry(_event.Long(0), _event.Text(3), _event.Text(2), _event.Long(1), _event.Blob(4)));
            }

            _event.Reset();
        }

        return page;
    }

    /// <summary>The events from one seq to another, in order, as far as the store has them.</summary>
    public List<Place> Places(in Tail tail, long from, long to)
    {
        long lsn = tail.Lsn;
        if (tail.Seq - to >= MarkEvery)
        {
            _markAtOrAfter.Bind(1, tail.StreamId).Bind(2, to);
            lsn = _markAtOrAfter.Step() && _markAtOrAfter.Long(0) <= tail.Seq ? _markAtOrAfter.Long(1) : lsn;
            _markAtOrAfter.Reset();
        }

        List<Place> places = [];
        foreach (Place place in Back(tail.StreamId, lsn, from))
        {
            if (place.Seq <= to)
            {
                places.Add(place);
            }
        }

        places.Reverse();
        return places;
    }

    public Snapshot? Snapshot(long stream)
    {
        using Statement query = _database.Query("SELECT seq, unfinished, state FROM snapshots WHERE stream=?1").Bind(1, stream);
        return query.Step() ? new Snapshot(query.Long(0), query.Long(1) != 0, query.Blob(2)) : null;
    }

    public List<StreamKey> Unsettled()
    {
        using Statement query = _database.Query("""
            SELECT s.tenant, s.kind, s.name FROM streams s LEFT JOIN snapshots n ON n.stream=s.id
            WHERE s.head_seq>0 AND (n.seq IS NULL OR n.unfinished<>0 OR n.seq<s.head_seq)
            """);
        List<StreamKey> all = [];
        while (query.Step())
        {
            all.Add(new StreamKey(query.Text(0), query.Text(1), query.Text(2)));
        }

        return all;
    }

    /// <summary>Streams of which a snapshot covers something that count or age may have made superfluous, with the snapshot's seq.</summary>
    public List<(StreamKey Stream, long Covered)> Trimmable(StreamOptions options, long now)
    {
        using Statement query = _database.Query($"""
            SELECT s.tenant, s.kind, s.name, n.seq FROM streams s JOIN snapshots n ON n.stream=s.id
            WHERE n.seq>=s.first_seq AND (
                s.head_seq-s.first_seq>=CASE s.kind WHEN '{StreamKind.Thread}' THEN ?1 WHEN '{StreamKind.Project}' THEN ?2 ELSE ?3 END
                OR s.first_ts<CASE s.kind WHEN '{StreamKind.Thread}' THEN ?4 WHEN '{StreamKind.Project}' THEN ?5 ELSE ?6 END)
            """);
        Retention[] kinds = [options.Thread, options.Project, options.User];
        for (int i = 0; i < kinds.Length; i++)
        {
            query.Bind(1 + i, kinds[i].Events).Bind(4 + i, now - (long)kinds[i].Age.TotalMilliseconds);
        }

        List<(StreamKey, long)> all = [];
        while (query.Step())
        {
            all.Add((new StreamKey(query.Text(0), query.Text(1), query.Text(2)), query.Long(3)));
        }

        return all;
    }

    public void Dispose() => _database.Dispose();

    /// <summary>Walks a stream's chain from an event back to a seq, or to where the chain was cut by a trim.</summary>
    private IEnumerable<Place> Back(long stream, long lsn, long to)
    {
        while (lsn > 0)
        {
            _place.Bind(1, lsn);
            bool there = _place.Step() && _place.Long(0) == stream && _place.Long(1) >= to;
            Place place = there ? new Place(_place.Long(1), lsn, _place.Long(3), _place.Long(4), _place.Long(5) != 0, _place.Long(6)) : default;
            lsn = there && place.Seq > to ? _place.Long(2) : 0;
            _place.Reset();
            if (there)
            {
                yield return place;
            }
        }
    }

    private string EventId(long lsn)
    {
        _eventId.Bind(1, lsn);
        string id = _eventId.Step() ? _eventId.Text(0) : "";
        _eventId.Reset();
        return id;
    }
}
