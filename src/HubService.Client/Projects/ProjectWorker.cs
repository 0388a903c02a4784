using HubService.Contracts;
using HubService.Contracts.Projects;
using Microsoft.Extensions.Logging;

namespace HubService.Client;

/// <summary>Takes requests from the hub, one stage at a time per project, and sees to it that each is answered.</summary>
internal sealed partial class ProjectWorker(
    ProjectClient client, HubLink link, IReadOnlyList<string> patterns, IProjectWorker worker, HubServiceClientOptions options)
    : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ProjectId, Running> _stages = [];
    private readonly HashSet<Task> _others = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger("HubService.Client.Worker");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Registration registration = new(
            link, options.Retry, options.TimeProvider, ct => link.CallAsync<Accepted>(nameof(IProjectHub.ServeProjects), [patterns], ct));
        try
        {
            await registration.KeepAsync(cancellationToken);
        }
        finally
        {
            await _stop.CancelAsync();
            Task[] running;
            lock (_gate)
            {
                running = [.. _stages.Values.Select(s => s.Done), .. _others];
            }

            await Task.WhenAll(running);
        }
    }

    public void Dispose() => _stop.Dispose();

    public void Stage(StageRequest request)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            Running? before = _stages.GetValueOrDefault(request.ProjectId);
            if (before is not null && request.Reason == "resumed" && !before.Cancel.IsCancellationRequested)
            {
                // The hub asks again after a reconnect; the work never stopped, and may have gone on to a later stage by itself.
                return;
            }

            _ = before?.Cancel.CancelAsync();
            CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            Running running = new(cancel);
            _stages[request.ProjectId] = running;
            running.Done = Task.Run(() => RunStageAsync(request, running, before?.Done ?? Task.CompletedTask));
        }
    }

    public void Cancel(ProjectCancelRequest request)
    {
        Running? running;
        lock (_gate)
        {
            running = _stages.GetValueOrDefault(request.ProjectId);
        }

        Track(async () =>
        {
            try
            {
                await worker.CancelAsync(request, _stop.Token);
            }
            catch (Exception e)
            {
                LogFailed(e, "cancellation", request.ProjectId);
            }

            lock (_gate)
            {
                // Only the stage that ran when the person asked; a finished one has disposed of its token.
                if (running is not null && _stages.GetValueOrDefault(request.ProjectId) == running)
                {
                    _ = running.Cancel.CancelAsync();
                }
            }
        });
    }

    public void Command(CommandRequest request) => Track(() => AnswerAsync(request));

    public void Chat(ChatRequest request) => Track(async () =>
    {
        try
        {
            await worker.ChatAsync(request, _stop.Token);
        }
        catch (Exception e)
        {
            LogFailed(e, "chat", request.ProjectId);
        }
    });

    private async Task RunStageAsync(StageRequest request, Running running, Task before)
    {
        await before;
        CancellationToken cancelled = running.Cancel.Token;
        await using ITimer heartbeat = options.TimeProvider.CreateTimer(
            _ => _ = HeartbeatOnceAsync(request.ProjectId, cancelled), null, options.HeartbeatInterval, options.HeartbeatInterval);
        try
        {
            cancelled.ThrowIfCancellationRequested();
            await worker.RunStageAsync(new StageWork(client, request), cancelled);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // Asked for.
        }
        catch (Exception e)
        {
            LogFailed(e, request.StageId, request.ProjectId);
            await FailStageAsync(request, e);
        }
        finally
        {
            lock (_gate)
            {
                _stages.Remove(request.ProjectId, out Running? current);
                if (current is not null && current != running)
                {
                    _stages[request.ProjectId] = current;
                }
            }

            running.Cancel.Dispose();
        }
    }

    private async Task FailStageAsync(StageRequest request, Exception error)
    {
        try
        {
            await client.SetStageAsync(request.ProjectId, request.StageId, "FAILED", error.Message, request.Attempt);
        }
        catch (HubClientException e) when (e.Code == ErrorCodes.StageConflict)
        {
            // A newer attempt has begun; how this one ended is no longer of interest.
        }
        catch (HubClientException e)
        {
            LogFailed(e, request.StageId, request.ProjectId);
        }
    }

    private async Task HeartbeatOnceAsync(ProjectId project, CancellationToken cancellationToken)
    {
        try
        {
            await link.CallAsync<LeaseResult>(nameof(IProjectHub.Heartbeat), [project.Value], cancellationToken);
        }
        catch (Exception e) when (e is HubClientException or OperationCanceledException)
        {
            // The next one, or the next event, renews the hold.
        }
    }

    private async Task AnswerAsync(CommandRequest request)
    {
        object?[] answer;
        try
        {
            object? result = await worker.CommandAsync(request, _stop.Token);
            answer = [request.CommandId, result is null ? null : Wire.Element(result), null];
        }
        catch (HubClientException e)
        {
            answer = [request.CommandId, null, e.Error];
        }
        catch (Exception e)
        {
            LogFailed(e, "command", request.ProjectId);
            answer = [request.CommandId, null, new HubError(ErrorCodes.Internal, e.Message)];
        }

        try
        {
            await link.CallAsync<Accepted>(nameof(IProjectHub.CompleteCommand), answer, CancellationToken.None);
        }
        catch (HubClientException e)
        {
            LogFailed(e, "command", request.ProjectId);
        }
    }

    private void Track(Func<Task> work)
    {
        lock (_gate)
        {
            if (!_stop.IsCancellationRequested)
            {
                Task task = Task.Run(work);
                _others.Add(task);
                _ = task.ContinueWith(Forget, TaskScheduler.Default);
            }
        }
    }

    private void Forget(Task task)
    {
        lock (_gate)
        {
            _others.Remove(task);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} of project {ProjectId} failed")]
    private partial void LogFailed(Exception error, string what, ProjectId projectId);

    private sealed class Running(CancellationTokenSource cancel)
    {
        public CancellationTokenSource Cancel { get; } = cancel;

        public Task Done { get; set; } = Task.CompletedTask;
    }
}
