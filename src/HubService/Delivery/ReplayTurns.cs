namespace HubService.Delivery;

/// <summary>
/// Lets connections that catch up take turns, a page each, at most half as many at a time as there are cores: hundreds of them
/// would otherwise hold every thread, and what is live would wait behind them. While others receive live events and several wait
/// for a turn, the turns rest for many times as long as they worked. Whoever waits for a socket or for the log has no turn meanwhile.
/// </summary>
/// <param name="rests">False: they never rest.</param>
internal sealed class ReplayTurns(TimeProvider time, bool rests = true) : IDisposable
{
    /// <summary>How many times as long as it worked a turn rests.</summary>
    private const int RestPerWork = 20;

    /// <summary>So long after live events somebody is taken to wait for more.</summary>
    private static readonly TimeSpan Live = TimeSpan.FromMilliseconds(200);

    /// <summary>A shorter rest is saved up: no timer is that exact.</summary>
    private static readonly TimeSpan LeastRest = TimeSpan.FromMilliseconds(3);

    private readonly SemaphoreSlim _free = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Lock _gate = new();
    private int _waiting;
    private int _held;

    /// <summary>When it was last worked out how long turns have been held.</summary>
    private long _at = time.GetTimestamp();
    private TimeSpan _worked;
    private long _liveAt = long.MinValue / 2;

    /// <summary>Somebody was just sent live events.</summary>
    public void SawLive() => Volatile.Write(ref _liveAt, time.GetTimestamp());

    public async Task EnterAsync()
    {
        Interlocked.Increment(ref _waiting);
        await _free.WaitAsync();
        Interlocked.Decrement(ref _waiting);
        lock (_gate)
        {
            CountUnsynchronized();
            _held++;
        }
    }

    public void Leave()
    {
        TimeSpan rest;
        lock (_gate)
        {
            rest = RestUnsynchronized();
            _held--;
            _worked = rest == TimeSpan.Zero || rest >= LeastRest ? TimeSpan.Zero : _worked;
        }

        if (rest < LeastRest)
        {
            _free.Release();
        }
        else
        {
            _ = RestAsync(rest);
        }
    }

    /// <summary>Lets a turn that has work left rest in between, when it is time.</summary>
    public ValueTask PauseAsync()
    {
        lock (_gate)
        {
            if (RestUnsynchronized() < LeastRest)
            {
                return default;
            }
        }

        Leave();
        return new ValueTask(EnterAsync());
    }

    public void Dispose() => _free.Dispose();

    /// <summary>Awaits it; the turn goes on to others if that takes a while, and comes back.</summary>
    public async ValueTask<T> OutsideAsync<T>(ValueTask<T> work)
    {
        if (work.IsCompletedSuccessfully)
        {
            return work.Result;
        }

        Leave();
        try
        {
            return await work;
        }
        finally
        {
            await EnterAsync();
        }
    }

    /// <inheritdoc cref="OutsideAsync{T}(ValueTask{T})"/>
    public async ValueTask OutsideAsync(ValueTask work)
    {
        if (work.IsCompletedSuccessfully)
        {
            return;
        }

        Leave();
        try
        {
            await work;
        }
        finally
        {
            await EnterAsync();
        }
    }

    private TimeSpan RestUnsynchronized()
    {
        CountUnsynchronized();
        bool others = rests && Volatile.Read(ref _waiting) > 0 && time.GetElapsedTime(Volatile.Read(ref _liveAt), _at) < Live;
        return others ? _worked * RestPerWork : TimeSpan.Zero;
    }

    private void CountUnsynchronized()
    {
        long now = time.GetTimestamp();
        _worked += time.GetElapsedTime(_at, now) * _held;
        _at = now;
    }

    private async Task RestAsync(TimeSpan rest)
    {
        await Task.Delay(rest, time);
        _free.Release();
    }
}
