namespace HubService.Cluster.Tests.Rig;

/// <summary>The events of one publisher that wait to be sent, and how many are on their way.</summary>
/// <param name="window">How many may be on their way.</param>
internal sealed class Outgoing(int window) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Sent> _waiting = new();
    private readonly SemaphoreSlim _changed = new(0);
    private int _underway;

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0 && _underway == 0;
            }
        }
    }

    public void Add(Sent sent)
    {
        lock (_gate)
        {
            _waiting.AddLast(sent);
        }

        _changed.Release();
    }

    /// <summary>The next events of one stream, if there is room on the way.</summary>
    public Sent[] Take(int most)
    {
        lock (_gate)
        {
            List<Sent> batch = [];
            while (batch.Count < most && _underway < window && _waiting.First is { } next && (batch.Count == 0 || next.Value.Project == batch[0].Project))
            {
                _waiting.RemoveFirst();
                _underway++;
                batch.Add(next.Value);
            }

            return [.. batch];
        }
    }

    public void Arrived(int count)
    {
        lock (_gate)
        {
            _underway -= count;
        }

        _changed.Release();
    }

    /// <summary>To the front, in their order: they are sent again.</summary>
    public void Return(IReadOnlyList<Sent> batch)
    {
        lock (_gate)
        {
            foreach (Sent sent in batch.Reverse())
            {
                _waiting.AddFirst(sent);
            }

            _underway -= batch.Count;
        }

        _changed.Release();
    }

    /// <summary>Waits for a moment, or until something changed.</summary>
    public async Task ChangedAsync(CancellationToken cancellation)
    {
        try
        {
            await _changed.WaitAsync(TimeSpan.FromMilliseconds(50), cancellation);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits any longer.
        }
    }

    public void Dispose() => _changed.Dispose();
}
