using System.Text;
using SQLitePCL;

namespace HubService.Sqlite;

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
