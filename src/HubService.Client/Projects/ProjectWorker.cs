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
            if (before is not null && request.Reason == "resumed" && request.Attempt == before.Attempt && !before.Cancel.IsCancellationRequested)
            {
                // The hub asks again after a reconnect; the work never stopped, and may have gone on to a later stage by itself.
                return;
            }

            _ = before?.Cancel.CancelAsync();
            CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            Running running = new(cancel, request.Attempt);
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
                // Only the attempt that the person meant; a finished one has disposed of its token.
                if (running is not null && running.Is(request.Attempt) && _stages.GetValueOrDefault(request.ProjectId) == running)
                {
                    running.CancelledByPerson = true;
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
        CancellationToken cancelled = running.Cancel.Token;
        try
        {
            await before.WaitAsync(cancelled);
            await RunStageAsync(request, cancelled);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // Asked for.
        }
        catch (Exception e)
        {
            LogFailed(e, request.StageId, request.ProjectId);
            await FailStageAsync(request, request.StageId, e.Message);
        }

        bool newest;
        lock (_gate)
        {
            newest = _stages.GetValueOrDefault(request.ProjectId) == running;
        }

        if (newest && running.CancelledByPerson)
        {
            await EndCancelledAsync(request);
        }

        // The next one waits for all that were before it, also for those that a cancelled one did not wait for.
        await before;
        lock (_gate)
        {
            if (_stages.GetValueOrDefault(request.ProjectId) == running)
            {
                _stages.Remove(request.ProjectId);
            }
        }

        running.Cancel.Dispose();
    }

    private async Task RunStageAsync(StageRequest request, CancellationToken cancelled)
    {
        await using ITimer heartbeat = options.TimeProvider.CreateTimer(
            _ => _ = HeartbeatOnceAsync(request.ProjectId, cancelled), null, options.HeartbeatInterval, options.HeartbeatInterval);
        cancelled.ThrowIfCancellationRequested();
        await worker.RunStageAsync(new StageWork(client, request), cancelled);
    }

    /// <summary>Answers a cancellation that the application has not answered itself, or whose stage it never began.</summary>
    private async Task EndCancelledAsync(StageRequest request)
    {
        try
        {
            // The application may have walked on to a later stage.
            if ((await client.GetStateAsync(request.ProjectId)).CurrentStage is { Status: "IN_PROGRESS" } current)
            {
                await FailStageAsync(request, current.Id, "Cancelled");
            }
        }
        catch (HubClientException e)
        {
            LogFailed(e, request.StageId, request.ProjectId);
        }
    }

    private async Task FailStageAsync(StageRequest request, string stageId, string message)
    {
        try
        {
            await client.SetStageAsync(request.ProjectId, stageId, "FAILED", message, request.Attempt);
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

    private sealed class Running(CancellationTokenSource cancel, int? attempt)
    {
        public CancellationTokenSource Cancel { get; } = cancel;

        public int? Attempt { get; } = attempt;

        public bool CancelledByPerson { get; set; }

        public Task Done { get; set; } = Task.CompletedTask;

        /// <summary>True also when one of the two has no number, from before the project's first attempt.</summary>
        public bool Is(int? number) => number is null || Attempt is null || number == Attempt;
    }
}
