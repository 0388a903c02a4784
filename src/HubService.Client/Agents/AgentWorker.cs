using HubService.Contracts;
using HubService.Contracts.Agents;
using Microsoft.Extensions.Logging;

namespace HubService.Client;

/// <summary>Takes work from the hub and sees to it that every run it was given ends.</summary>
internal sealed partial class AgentWorker(
    HubLink link, IReadOnlyList<string> names, int capacity, Func<AgentWork, CancellationToken, Task> handler, HubServiceClientOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, (CancellationTokenSource Cancel, Task Done)> _active = [];
    private readonly SemaphoreSlim _places = new(capacity);
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger("HubService.Client.Worker");
    private bool _stopping;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Registration registration = new(
            link, options.Retry, options.TimeProvider, ct => link.CallAsync<Accepted>(nameof(IAgentHub.ServeAgents), [names, capacity], ct));
        try
        {
            await registration.KeepAsync(cancellationToken);
        }
        finally
        {
            await StopAsync();
        }
    }

    /// <summary>Takes a request; one that is being worked on already, as after a reconnect, is not taken twice.</summary>
    public void Receive(RunId run, Func<CancellationToken, AgentWork> work)
    {
        lock (_gate)
        {
            if (!_stopping && !_active.ContainsKey(run))
            {
                CancellationTokenSource cancel = new();
                _active[run] = (cancel, Task.Run(() => HandleAsync(work(cancel.Token))));
            }
        }
    }

    public void Cancel(RunId run)
    {
        lock (_gate)
        {
            if (_active.TryGetValue(run, out (CancellationTokenSource Cancel, Task Done) active))
            {
                _ = active.Cancel.CancelAsync();
            }
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task StopAsync()
    {
        Task[] running;
        lock (_gate)
        {
            _stopping = true;
            foreach ((CancellationTokenSource cancel, _) in _active.Values)
            {
                _ = cancel.CancelAsync();
            }

            running = [.. _active.Values.Select(a => a.Done)];
        }

        await Task.WhenAll(running);
    }

    private async Task HandleAsync(AgentWork work)
    {
        await _places.WaitAsync();
        try
        {
            await using AgentRun run = work.Run;
            using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(work.Cancelled, run.Cancelled);
            await EndAsync(run, await OutcomeAsync(work, linked.Token), linked.IsCancellationRequested);
        }
        catch (Exception e) when (e is HubClientException or InvalidOperationException)
        {
            LogNotEnded(work.RunId, e.GetType().Name);
        }
        finally
        {
            _places.Release();
            lock (_gate)
            {
                _active.Remove(work.RunId);
            }
        }
    }

    private async Task<Exception?> OutcomeAsync(AgentWork work, CancellationToken cancelled)
    {
        try
        {
            cancelled.ThrowIfCancellationRequested();
            await handler(work, cancelled);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private async Task EndAsync(AgentRun run, Exception? error, bool cancelled)
    {
        if (error is not null and not OperationCanceledException)
        {
            LogFailed(error, run.RunId);
        }

        if (run.Ended)
        {
            return;
        }

        if (error is null)
        {
            await run.CompleteAsync();
        }
        else if (cancelled && error is OperationCanceledException)
        {
            await run.EndCancelledAsync();
        }
        else
        {
            try
            {
                await run.ErrorAsync(ClientErrorCodes.AgentFailed, error.Message, recoverable: false);
            }
            finally
            {
                await run.FailAsync(error.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The handler of run {RunId} failed")]
    private partial void LogFailed(Exception error, RunId runId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} could not be ended ({Reason})")]
    private partial void LogNotEnded(RunId runId, string reason);
}
