using System.Threading.Channels;
using HubService.Agents;
using HubService.Cluster;
using HubService.Projects;
using HubService.Publishing;
using HubService.Streams;

namespace HubService;

/// <summary>
/// What this node does as one of many: it hears the others from before the cluster starts, and takes over what it keeps whenever
/// nodes come or go; in between it looks now and then whether it missed a word.
/// </summary>
internal sealed partial class NodeTakeover(
    ICluster cluster,
    Keepers keepers,
    IEventLog log,
    OpenStreams streams,
    ThreadKeeping threads,
    Conversations conversations,
    RunControl runs,
    ProjectKeeping projects,
    ProjectControl control,
    TimeProvider time,
    ILogger<NodeTakeover> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    /// <summary>Holds one change at most: whatever changed, one pass takes it all over.</summary>
    private readonly Channel<NodesChanged> _changed = Channel.CreateBounded<NodesChanged>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        threads.Listen(streams);
        conversations.Listen();
        runs.Listen();
        projects.Listen(streams);
        control.Listen();
        cluster.OnChanged(change => _changed.Writer.TryWrite(change));
        return Task.CompletedTask;
    }

    /// <summary>Takes over after every change, and looks again after every pause, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!log.IsShared)
        {
            return;
        }

        Task changed = _changed.Reader.ReadAsync(cancellationToken).AsTask();
        bool takeOver = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await changed.WaitAsync(takeOver ? Again : Pause, time, cancellationToken);
                changed = _changed.Reader.ReadAsync(cancellationToken).AsTask();
                takeOver = true;
            }
            catch (TimeoutException)
            {
                // Nothing changed; what follows is due all the same.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            takeOver = !await TryAsync(takeOver ? TakeOverOnceAsync : LookOnceAsync, cancellationToken) && takeOver;
        }
    }

    /// <summary>Takes over what this node keeps now, and tells the other keepers what it holds.</summary>
    public async Task TakeOverOnceAsync(CancellationToken cancellationToken)
    {
        await streams.TakeOverAsync(keepers.IsMine, cancellationToken);
        threads.TakenOver();
        await AnnounceOnceAsync();
    }

    /// <summary>Finds what was appended elsewhere without a word that came here.</summary>
    public async Task LookOnceAsync(CancellationToken cancellationToken)
    {
        await streams.CatchUpAsync(keepers.IsMine, cancellationToken);
        await AnnounceOnceAsync();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> TryAsync(Func<CancellationToken, Task> pass, CancellationToken cancellationToken)
    {
        try
        {
            await pass(cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (e is LogException { Code: var code })
            {
                LogWaits(logger, code);
            }
            else
            {
                LogFailed(logger, e);
            }

            return false;
        }
    }

    private async Task AnnounceOnceAsync()
    {
        await threads.AnnounceOnceAsync();
        await projects.AnnounceOnceAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What this node keeps is taken over when the log can be read: {Code}")]
    private static partial void LogWaits(ILogger logger, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "What this node keeps could not be taken over as a whole; the next pass tries again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
