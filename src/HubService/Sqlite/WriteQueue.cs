using HubService.Contracts;
using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>What waits for the writer: bounded, from many threads to one.</summary>
internal sealed class WriteQueue(TimeProvider time)
{
    public const int MaxEvents = 100_000;
    public const long MaxBytes = 64 * 1024 * 1024;

    private const int WorthACommit = 64;

    /// <summary>Below it a publisher most likely waits for the answer before it sends more, and gathering would only delay it.</summary>
    private const int UnderLoad = 4;
    private const int LookAgainEvery = 32;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(2);

    private List<PendingWrite> _waiting = [];
    private int _events;
    private long _bytes;
    private int _wakeAt;
    private int _lastTaken;
    private int _enough = WorthACommit;
    private int _gatherings;
    private long _lastAdded;
    private LogException? _closed;

    /// <exception cref="LogException"><c>store_unavailable</c>: the queue is full or closed; nothing was queued.</exception>
    public void Add(PendingWrite write)
    {
        (int events, long bytes) = write.Weight;
        lock (this)
        {
            if (_closed is not null)
            {
                throw new LogException(_closed.Code, _closed.Message, _closed);
            }

            // A write larger than the whole bound is let in when it is alone, or it could never be written.
            if (_waiting.Count > 0 && (_events + events > MaxEvents || _bytes + bytes > MaxBytes))
            {
                throw new LogException(ErrorCodes.StoreUnavailable, "The event store is behind: too much waits to be written.");
            }

            _events += events;
            _bytes += bytes;
            _waiting.Add(write);
            if (_wakeAt > 1)
            {
                _lastAdded = time.GetTimestamp();
            }

            if (_waiting.Count == _wakeAt)
            {
                Monitor.Pulse(this);
            }
        }
    }

    /// <summary>
    /// Waits for writes and takes all of them. Empty after <paramref name="idle"/> without any, and when closed. Under load it
    /// waits a moment for more: a commit costs as much for one event as for <see cref="WorthACommit"/>.
    /// </summary>
    public List<PendingWrite> Take(TimeSpan idle)
    {
        lock (this)
        {
            if (_waiting.Count == 0 && _closed is null)
            {
                WaitFor(1, idle);
            }

            if (_lastTaken >= UnderLoad && _waiting.Count < WorthACommit && _closed is null)
            {
                Gather();
            }

            List<PendingWrite> taken = _waiting;
            _waiting = new List<PendingWrite>(taken.Count);
            _lastTaken = taken.Count;
            _events = 0;
            _bytes = 0;
            return taken;
        }
    }

    public bool IsClosed
    {
        get
        {
            lock (this)
            {
                return _closed is not null;
            }
        }
    }

    /// <summary>Takes nothing more in; what waits is still written.</summary>
    public void Close(LogException reason)
    {
        lock (this)
        {
            _closed ??= reason;
            Monitor.PulseAll(this);
        }
    }

    /// <summary>
    /// Publishers that wait for their answers all come back at once, and then no more do; publishers that send on keep coming.
    /// The former are not made to wait longer than until as many are here as last time; now and then it looks again.
    /// </summary>
    private void Gather()
    {
        _enough = ++_gatherings % LookAgainEvery == 0 ? WorthACommit : _enough;
        if (_waiting.Count >= _enough)
        {
            return;
        }

        WaitFor(_enough, Gathering);
        if (_waiting.Count < _enough)
        {
            _enough = time.GetElapsedTime(_lastAdded) < Gathering * 0.75 ? WorthACommit : Math.Max(UnderLoad, _waiting.Count);
        }
    }

    private void WaitFor(int count, TimeSpan most)
    {
        _wakeAt = count;
        Monitor.Wait(this, most);
        _wakeAt = 0;
    }
}
