namespace HubService.Delivery;

/// <summary>
/// Lets connections that catch up take turns, a page each, with half of the cores: hundreds of them would otherwise hold every
/// thread, and what is live would wait behind them. Whoever waits for a socket or for the log has no turn meanwhile.
/// </summary>
internal sealed class ReplayTurns : IDisposable
{
    private readonly SemaphoreSlim _free = new(Math.Max(1, Environment.ProcessorCount / 2));

    public Task EnterAsync() => _free.WaitAsync();

    public void Leave() => _free.Release();

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
}
