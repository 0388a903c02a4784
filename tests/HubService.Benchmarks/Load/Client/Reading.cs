using System.Diagnostics;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Reads many connections on the caller's thread, and pings with each of them every ten seconds.</summary>
internal sealed class Reading : IDisposable
{
    private const int Slice = 5;
    private const long PingEvery = 10_000_000_000;

    private readonly Poller _poller = new();
    private readonly Dictionary<int, Connection> _byIndex = [];
    private readonly List<Connection> _pinged = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024, pinned: true);
    private readonly int[] _ready = new int[512];
    private long _pingsBegan = Stopwatch.GetTimestamp();
    private long _pings;

    /// <summary>When what is being handled was read, in nanoseconds of <see cref="Stopwatch"/>.</summary>
    public long Now { get; private set; }

    public void Add(IEnumerable<Connection> connections)
    {
        foreach (Connection connection in connections)
        {
            connection.StopBlocking();
            _byIndex[connection.Index] = connection;
            _poller.Watch(connection.Socket, connection.Index);
            _pinged.Add(connection);
        }

        (_pingsBegan, _pings) = (Stopwatch.GetTimestamp(), 0);
    }

    /// <summary>These are kept alive, and never read.</summary>
    public void Ping(IEnumerable<Connection> connections)
    {
        foreach (Connection connection in connections)
        {
            connection.StopBlocking();
            _pinged.Add(connection);
        }
    }

    public void For(TimeSpan span) => Until(static () => false, span);

    /// <returns>False when the time was over first.</returns>
    public bool Until(Func<bool> done, TimeSpan limit)
    {
        long end = Stopwatch.GetTimestamp() + (long)limit.TotalNanoseconds;
        while (!done())
        {
            if (Stopwatch.GetTimestamp() >= end)
            {
                return false;
            }

            Once();
        }

        return true;
    }

    public void Dispose() => _poller.Dispose();

    private void Once()
    {
        int ready = _poller.Wait(_ready, Slice);
        for (int i = 0; i < ready; i++)
        {
            Connection connection = _byIndex[_ready[i]];
            Now = Stopwatch.GetTimestamp();
            if (!connection.Ended)
            {
                connection.Read(_buffer);
                if (connection.Ended)
                {
                    _poller.Forget(connection.Socket);
                }
            }
        }

        // One after the other, so that the server is not woken for all of them at once.
        long due = (Stopwatch.GetTimestamp() - _pingsBegan) * _pinged.Count / PingEvery;
        for (; _pings < due; _pings++)
        {
            _pinged[(int)(_pings % _pinged.Count)].Send(Frames.Ping);
        }
    }
}
