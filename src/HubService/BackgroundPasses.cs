using HubService.Agents;
using HubService.Cluster;
using HubService.Delivery;
using HubService.Projects;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.Extensions.Options;

namespace HubService;

/// <summary>What the service does by the clock with its streams and connections: one loop each, which only calls a one-pass method.</summary>
internal sealed partial class BackgroundPasses(
    OpenStreams streams,
    IEventLog log,
    Outboxes outboxes,
    ReplayPages pages,
    TokenExpiry tokens,
    AccessChanges access,
    RunLeases runs,
    OpenInputs inputs,
    AgentWorkers workers,
    ProjectWork work,
    NodeTakeover takeover,
    Keepers keepers,
    GoneConnections gone,
    IdleMemory memory,
    IOptions<StreamOptions> options,
    TimeProvider time,
    ILogger<BackgroundPasses> logger) : BackgroundService
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private string _lineage = "";

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        int recovered = await (log.IsShared ? streams.TakeOverAsync(keepers.IsMine, cancellationToken) : streams.RecoverAsync(cancellationToken));
        if (recovered > 0)
        {
            LogRecovered(logger, recovered);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>A clean stop saves every projection. The log, registered before, is stopped after this.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await streams.SaveAllAsync();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        access.RunAsync(stoppingToken),
        takeover.RunAsync(stoppingToken),
        EveryAsync(Second, () => runs.ExpireOnceAsync(streams), stoppingToken),
        EveryAsync(Second, ShareLoadsOnceAsync, stoppingToken),
        EveryAsync(Second, LookAgainOnceAsync, stoppingToken),
        EveryAsync(Second, () => inputs.ExpireOnceAsync(streams), stoppingToken),
        EveryAsync(Second, () => work.ExpireOnceAsync(streams), stoppingToken),
        EveryAsync(Second, () => Task.FromResult(outboxes.CloseStalledOnce()), stoppingToken),
        EveryAsync(Second, () => Task.FromResult(pages.ForgetOnce()), stoppingToken),
        EveryAsync(Second, () => Task.FromResult(tokens.CloseOnce()), stoppingToken),
        EveryAsync(Second, () => Task.FromResult(gone.ForgetOnce()), stoppingToken),
        EveryAsync(Second, () => Task.FromResult(memory.TrimOnce()), stoppingToken),
        EveryAsync(TimeSpan.FromSeconds(15), streams.LetGoOnceAsync, stoppingToken),
        EveryAsync(options.Value.TrimInterval, () => log.TrimOnceAsync(stoppingToken).AsTask(), stoppingToken));

    /// <summary>After a failover the publishers of what was rolled back hear of it, though they publish nothing now.</summary>
    private async Task LookAgainOnceAsync()
    {
        string lineage = log.Lineage;
        if (lineage != _lineage && _lineage.Length > 0)
        {
            await streams.LookAgainOnceAsync();
        }

        _lineage = lineage;
    }

    private Task ShareLoadsOnceAsync()
    {
        workers.ShareLoadsOnce();
        return Task.CompletedTask;
    }

    private async Task EveryAsync(TimeSpan interval, Func<Task> pass, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await pass();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The next pass tries again.
                    if (e is LogException { Code: var code })
                    {
                        LogPassRefused(logger, code);
                    }
                    else
                    {
                        LogPassFailed(logger, e);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Streams loaded because something was unfinished when the node stopped: {Streams}; their rules look after it")]
    private static partial void LogRecovered(ILogger logger, int streams);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A background pass waits for the log: {Code}")]
    private static partial void LogPassRefused(ILogger logger, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "A background pass failed")]
    private static partial void LogPassFailed(ILogger logger, Exception exception);
}
