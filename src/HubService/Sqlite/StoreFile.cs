using HubService.Contracts;
using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>The database file: taken for this process alone, checked, and given its tables.</summary>
internal sealed class StoreFile : IDisposable
{
    private const int Version = 1;

    // "HubS": tells our file from any other SQLite database.
    private const int ApplicationId = 0x48756253;

    /// <summary>
    /// Events are appended by lsn and nowhere else. A stream's events are chained by <c>prev</c>; every 64th has a mark, so
    /// that a page is found by one look-up and a short walk. Heads in <c>streams</c> are true up to <c>checkpoint_lsn</c>.
    /// </summary>
    private const string Tables = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE streams(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, epoch TEXT NOT NULL,
            head_seq INTEGER NOT NULL, head_lsn INTEGER NOT NULL, first_seq INTEGER NOT NULL, first_ts INTEGER NOT NULL, UNIQUE(tenant, kind, name));
        CREATE TABLE events(lsn INTEGER PRIMARY KEY, stream INTEGER NOT NULL, seq INTEGER NOT NULL, prev INTEGER NOT NULL, at INTEGER NOT NULL,
            ts INTEGER NOT NULL, idempotent INTEGER NOT NULL, type TEXT NOT NULL, event_id TEXT NOT NULL, body BLOB NOT NULL);
        CREATE TABLE marks(stream INTEGER NOT NULL, seq INTEGER NOT NULL, lsn INTEGER NOT NULL, min_ts INTEGER NOT NULL, max_ts INTEGER NOT NULL,
            PRIMARY KEY(stream, seq)) WITHOUT ROWID;
        CREATE TABLE snapshots(stream INTEGER PRIMARY KEY, seq INTEGER NOT NULL, unfinished INTEGER NOT NULL, state BLOB NOT NULL);
        INSERT INTO meta VALUES('checkpoint_lsn', 0);
        """;

    private readonly FileStream _lock;

    /// <exception cref="LogException">The file cannot be used; the message names the file and what to change.</exception>
    public StoreFile(string configuredPath)
    {
        Path = System.IO.Path.GetFullPath(configuredPath);
        _lock = Take(Path);
        try
        {
            using var database = new Database(Path);
            Prepare(database);
        }
        catch (SqliteFailure e)
        {
            _lock.Dispose();
            throw e.IsNotADatabase
                ? Refuse($"'{Path}' is not an SQLite database. Set Sqlite:Path to another file, or move this one away.", e)
                : Refuse($"'{Path}' could not be opened: {e.Message}. Check the disk, or set Sqlite:Path to another file.", e);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public Database OpenForWriting()
    {
        var database = new Database(Path);
        try
        {
            // The writer itself checkpoints, after it has acknowledged: see LogWriter.
            database.Execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public Database OpenForReading() => new(Path, readOnly: true);

    public void Dispose() => _lock.Dispose();

    /// <summary>The kernel lets go of the lock when the process ends, however it ends, so that a lock is never stale.</summary>
    private static FileStream Take(string path)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Refuse($"'{path}' cannot be written: {e.Message} Make its directory writable, or set Sqlite:Path to another file.", e);
        }
        catch (IOException e)
        {
            // .NET gives a lock held elsewhere no type of its own; a readable lock file means that it is there and taken.
            throw File.Exists(path + ".lock")
                ? Refuse($"'{path}' is in use by another process. One hub process per file: stop the other one, or set Sqlite:Path to another file.", e)
                : Refuse($"'{path}' cannot be created: {e.Message} Set Sqlite:Path to a file in a writable directory.", e);
        }
    }

    private void Prepare(Database database)
    {
        database.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
        long version = database.ReadLong("PRAGMA user_version");
        if (version == 0 && database.ReadLong("SELECT count(*) FROM sqlite_master") == 0)
        {
            database.Execute($"BEGIN IMMEDIATE; {Tables} PRAGMA application_id={ApplicationId}; PRAGMA user_version={Version}; COMMIT");
        }
        else if (database.ReadLong("PRAGMA application_id") != ApplicationId)
        {
            throw Refuse($"'{Path}' is the database of something else. Set Sqlite:Path to another file.");
        }
        else if (version > Version)
        {
            throw Refuse($"'{Path}' was written by a newer HubService (schema {version}, this one knows {Version}). Start that version, or set Sqlite:Path to another file.");
        }
    }

    private static LogException Refuse(string message, Exception? inner = null) => new(ErrorCodes.StoreUnavailable, message, inner);
}
