using System.Collections.Concurrent;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>Read-only connections, lent for one read each. A reader never waits for the writer, nor the writer for a reader.</summary>
internal sealed class ReaderPool(StoreFile file) : IDisposable
{
    private const int Kept = 4;

    private readonly ConcurrentBag<ReadConnection> _free = [];
    private volatile bool _disposed;

    /// <exception cref="LogException"><c>store_unavailable</c>.</exception>
    public T Read<T>(Func<ReadConnection, T> read)
    {
        ReadConnection? connection = null;
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_free.TryTake(out connection))
            {
                connection = new ReadConnection(file.OpenForReading());
            }

            T result = connection.InSnapshot(read);
            Return(connection);
            return result;
        }
        catch (Exception e)
        {
            connection?.Dispose();
            throw e is SqliteFailure or ObjectDisposedException ? new LogException(ErrorCodes.StoreUnavailable, "The event store could not be read.", e) : e;
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_free.TryTake(out ReadConnection? connection))
        {
            connection.Dispose();
        }
    }

    private void Return(ReadConnection connection)
    {
        if (_disposed || _free.Count >= Kept)
        {
            connection.Dispose();
        }
        else
        {
            _free.Add(connection);
        }
    }
}
