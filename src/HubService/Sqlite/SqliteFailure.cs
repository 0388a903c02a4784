using HubService.Contracts;
using HubService.Streams;
using SQLitePCL;

namespace HubService.Sqlite;

/// <summary>A call into SQLite that did not succeed, with its extended result code.</summary>
internal sealed class SqliteFailure(int code, string message) : Exception(message)
{
    // Not among the constants of the binding.
    private const int IoErrorWrite = raw.SQLITE_IOERR | (3 << 8);
    private const int IoErrorFsync = raw.SQLITE_IOERR | (4 << 8);
    private const int IoErrorDirFsync = raw.SQLITE_IOERR | (5 << 8);
    private const int IoErrorShmSize = raw.SQLITE_IOERR | (19 << 8);

    /// <summary>What the disk holds is no longer known: a later fsync may succeed without having written what this one lost.</summary>
    public bool IsFsync => code is IoErrorFsync or IoErrorDirFsync;

    public bool IsNotADatabase => (code & 0xff) == raw.SQLITE_NOTADB;

    /// <param name="committing">True when the failing call was COMMIT: then the commit record may be on the disk, and a crash may bring it back.</param>
    public LogException ToLogException(bool committing)
    {
        bool full = (code & 0xff) == raw.SQLITE_FULL || code == IoErrorWrite || (code == IoErrorShmSize && !committing);
        return full
            ? new LogException(ErrorCodes.StoreFull, "The disk of the event store is full.", this)
            : committing && (code & 0xff) == raw.SQLITE_IOERR
                ? new LogException(ErrorCodes.OutcomeUnknown, "The event store could not be synced to the disk.", this)
                : new LogException(ErrorCodes.StoreUnavailable, "The event store failed.", this);
    }
}
