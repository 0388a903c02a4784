using System.Text;
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

/// <summary>A prepared statement. Whoever steps it to a row resets it; <see cref="Run"/> resets it itself.</summary>
internal sealed class Statement(Database database, sqlite3_stmt statement) : IDisposable
{
    private byte[] _utf8 = new byte[256];

    public Statement Bind(int parameter, long value)
    {
        database.Check(raw.sqlite3_bind_int64(statement, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, string value)
    {
        if (value.Length == 0)
        {
            // An empty span has no address, and SQLite takes that for NULL.
            database.Check(raw.sqlite3_bind_text(statement, parameter, ""));
            return this;
        }

        // Spans, not strings: the binding's strings end at the first NUL.
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_utf8.Length < most)
        {
            _utf8 = new byte[most];
        }

        int length = Encoding.UTF8.GetBytes(value, _utf8);
        database.Check(raw.sqlite3_bind_text(statement, parameter, _utf8.AsSpan(0, length)));
        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        database.Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, parameter, 0) : raw.sqlite3_bind_blob(statement, parameter, value));
        return this;
    }

    /// <summary>True when a row is there.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(statement);
        database.Check(code);
        return code == raw.SQLITE_ROW;
    }

    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Reports nothing: a failure was already reported by the step.</summary>
    public void Reset() => _ = raw.sqlite3_reset(statement);

    public long Long(int column) => raw.sqlite3_column_int64(statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, column));

    public byte[] Blob(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public void Dispose() => statement.Dispose();
}
