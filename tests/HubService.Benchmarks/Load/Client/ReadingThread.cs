namespace HubService.Benchmarks.Load.Client;

/// <summary>Reads connections on a thread of their own, so that how late they are does not depend on what else the client has to read.</summary>
internal sealed class ReadingThread : IDisposable
{
    private readonly Reading _reading = new();
    private readonly Thread _thread;
    private volatile bool _ending;

    public ReadingThread() => _thread = new Thread(() => _reading.Until(() => _ending, TimeSpan.FromDays(1)));

    /// <inheritdoc cref="Reading.Now"/>
    public long Now => _reading.Now;

    public void Start(IEnumerable<Connection> connections)
    {
        _reading.Add(connections);
        _thread.Start();
    }

    public void Dispose()
    {
        _ending = true;
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _reading.Dispose();
    }
}
