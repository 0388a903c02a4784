namespace HubService.Redis;

/// <summary>Looks after the streams this node follows: every second, and after each new connection.</summary>
internal sealed partial class RedisPasses(RedisEventLog log, RedisLink link, ILogger<RedisPasses> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.OnReconnected(() => _ = log.Tails.SubscribeAgainAsync());
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await log.TryAgainOnceAsync();
                    await log.Tails.PassOnceAsync();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The next pass tries again.
                    LogPassFailed(logger, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A pass over the followed streams failed")]
    private static partial void LogPassFailed(ILogger logger, Exception exception);
}
