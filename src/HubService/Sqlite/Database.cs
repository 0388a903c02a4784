using SQLitePCL;

namespace HubService.Sqlite;

/// <summary>One connection to the file. Used by one thread at a time.</summary>
internal sealed class Database : IDisposable
{
    private readonly sqlite3 _db;
    private readonly List<Statement> _statements = [];

    public Database(string path, bool readOnly = false)
    {
        Batteries_V2.Init();
        int flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        int code = raw.sqlite3_open_v2(path, out _db, flags, null);
        try
        {
            Check(code);
            raw.sqlite3_extended_result_codes(_db, 1);
            raw.sqlite3_busy_timeout(_db, 5_000);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public bool InTransaction => raw.sqlite3_get_autocommit(_db) == 0;

    /// <summary>A statement to use again and again, as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_db, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt stmt));
        var statement = new Statement(this, stmt);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>A statement for one use, which the caller disposes.</summary>
    public Statement Query(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_db, sql, out sqlite3_stmt stmt));
        return new Statement(this, stmt);
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(_db, sql));

    public long ReadLong(string sql)
    {
        using Statement statement = Query(sql);
        return statement.Step() ? statement.Long(0) : 0;
    }

    /// <summary>Copies what the write-ahead log holds into the file; as much as readers allow, or with <paramref name="truncate"/> all of it.</summary>
    public void Checkpoint(bool truncate = false) =>
        Check(raw.sqlite3_wal_checkpoint_v2(_db, "main", truncate ? raw.SQLITE_CHECKPOINT_TRUNCATE : raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _));

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new SqliteFailure(_db.IsInvalid ? code : raw.sqlite3_extended_errcode(_db), _db.IsInvalid ? "Out of memory." : raw.sqlite3_errmsg(_db).utf8_to_string());
        }
    }

    public void Dispose()
    {
        _statements.ForEach(s => s.Dispose());
        _db.Dispose();
    }
}
