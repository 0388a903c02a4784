using HubService.Contracts;
using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>The one connection that writes, with its prepared statements. Used by the writer's thread alone.</summary>
internal sealed class WriteConnection : IDisposable
{
    private readonly Database _database;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _insertStream;
    private readonly Statement _insertEvent;
    private readonly Statement _insertMark;
    private readonly Statement _saveSnapshot;
    private readonly Statement _saveHead;
    private readonly Statement _saveCheckpoint;
    private readonly Statement _deleteEvent;
    private readonly Statement _deleteMarks;
    private readonly Statement _setFirst;
    private readonly Statement _setFirstTs;
    private readonly Statement _writeProbe;
    private readonly Statement _deleteProbe;
    private long _nextStream;

    public WriteConnection(Database database)
    {
        _database = database;
        Recover();
        LastLsn = Math.Max(database.ReadLong("SELECT max(lsn) FROM events"), database.ReadLong("SELECT value FROM meta WHERE name='checkpoint_lsn'"));
        _nextStream = database.ReadLong("SELECT max(id) FROM streams") + 1;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _insertStream = database.Prepare("INSERT INTO streams VALUES(?1, ?2, ?3, ?4, ?5, 0, 0, 1, ?6)");
        _insertEvent = database.Prepare("INSERT INTO events VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
        _insertMark = database.Prepare("INSERT INTO marks VALUES(?1, ?2, ?3, ?4, ?5)");
        _saveSnapshot = database.Prepare("""
            INSERT INTO snapshots VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(stream) DO UPDATE SET seq=excluded.seq, unfinished=excluded.unfinished, state=excluded.state WHERE excluded.seq>=snapshots.seq
            """);
        _saveHead = database.Prepare("UPDATE streams SET head_seq=?2, head_lsn=?3 WHERE id=?1");
        _saveCheckpoint = database.Prepare("UPDATE meta SET value=?1 WHERE name='checkpoint_lsn'");
        _deleteEvent = database.Prepare("DELETE FROM events WHERE lsn=?1");
        _deleteMarks = database.Prepare("DELETE FROM marks WHERE stream=?1 AND seq<?2");
        _setFirst = database.Prepare("UPDATE streams SET first_seq=?2 WHERE id=?1");
        _writeProbe = database.Prepare("INSERT OR REPLACE INTO meta VALUES('probe', zeroblob(?1))");
        _deleteProbe = database.Prepare("DELETE FROM meta WHERE name='probe'");
        _setFirstTs = database.Prepare("UPDATE streams SET first_ts=?2 WHERE id=?1");
    }

    /// <summary>The time of the transaction, Unix milliseconds.</summary>
    public long Now { get; private set; }

    public long LastLsn { get; private set; }

    /// <summary>Pages written to the write-ahead log since it was last copied into the file, roughly.</summary>
    public long PagesInWal { get; private set; }

    public void Begin(long now)
    {
        Now = now;
        _begin.Run();
    }

    public void Commit()
    {
        _commit.Run();
        PagesInWal += 2;
    }

    public void Rollback(long lastLsn)
    {
        LastLsn = lastLsn;
        if (_database.InTransaction)
        {
            _database.Execute("ROLLBACK");
        }
    }

    public Tail Append(StreamKey key, in Tail tail, in NewLogEvent e)
    {
        long stream = tail.StreamId;
        string epoch = tail.Epoch;
        if (stream == 0)
        {
            stream = _nextStream++;
            epoch = Ids.New();
            _insertStream.Bind(1, stream).Bind(2, key.Tenant).Bind(3, key.Kind).Bind(4, key.Id).Bind(5, epoch).Bind(6, e.Ts).Run();
        }

        long seq = tail.Seq + 1;
        long lsn = ++LastLsn;
        _insertEvent.Bind(1, lsn).Bind(2, stream).Bind(3, seq).Bind(4, tail.Lsn).Bind(5, Now).Bind(6, e.Ts).Bind(7, e.Idempotent ? 1 : 0)
            .Bind(8, e.Type).Bind(9, e.EventId).Bind(10, e.Body.Span).Run();
        PagesInWal += e.Body.Length / 4096;
        long min = Math.Min(tail.MinTs, e.Ts);
        long max = Math.Max(tail.MaxTs, e.Ts);
        if (seq % ReadConnection.MarkEvery == 0)
        {
            _insertMark.Bind(1, stream).Bind(2, seq).Bind(3, lsn).Bind(4, min).Bind(5, max).Run();
            (min, max) = (long.MaxValue, long.MinValue);
            PagesInWal++;
        }

        return new Tail(stream, epoch, seq, lsn, min, max);
    }

    public void SaveSnapshot(long stream, Snapshot snapshot) =>
        _saveSnapshot.Bind(1, stream).Bind(2, snapshot.Seq).Bind(3, snapshot.Unfinished ? 1 : 0).Bind(4, snapshot.State.Span).Run();

    public void SaveHead(in Tail tail) => _saveHead.Bind(1, tail.StreamId).Bind(2, tail.Seq).Bind(3, tail.Lsn).Run();

    public void SaveCheckpoint() => _saveCheckpoint.Bind(1, LastLsn).Run();

    /// <summary>Writes this many bytes and takes them away again; fails when the disk has no room for them.</summary>
    public void Probe(long now, int bytes)
    {
        Begin(now);
        _writeProbe.Bind(1, bytes).Run();
        Commit();
        Begin(now);
        _deleteProbe.Run();
        Commit();
        PagesInWal += bytes / 4096;
    }

    public void DeleteEvent(long lsn)
    {
        _deleteEvent.Bind(1, lsn).Run();
        PagesInWal++;
    }

    public void SetFirst(long stream, long first)
    {
        _setFirst.Bind(1, stream).Bind(2, first).Run();
        _deleteMarks.Bind(1, stream).Bind(2, first).Run();
    }

    public void SetFirstTs(long stream, long ts) => _setFirstTs.Bind(1, stream).Bind(2, ts).Run();

    public void CopyWalIntoFile(bool truncate = false)
    {
        PagesInWal = 0;
        _database.Checkpoint(truncate);
    }

    public void Dispose() => _database.Dispose();

    /// <summary>Brings the heads up to date with what was appended after the last flush, before anyone reads them.</summary>
    private void Recover() => _database.Execute("""
        BEGIN IMMEDIATE;
        UPDATE streams SET head_seq=(SELECT seq FROM events e WHERE e.lsn=t.lsn), head_lsn=t.lsn
            FROM (SELECT stream, max(lsn) AS lsn FROM events WHERE lsn>(SELECT value FROM meta WHERE name='checkpoint_lsn') GROUP BY stream) t
            WHERE streams.id=t.stream;
        UPDATE meta SET value=max(value, ifnull((SELECT max(lsn) FROM events), 0)) WHERE name='checkpoint_lsn';
        COMMIT
        """);
}
