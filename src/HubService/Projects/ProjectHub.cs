using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Delivery;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Projects;

/// <summary>
/// The hub of projects: <c>/hubs/project</c>. Each method authorises, hands over and answers; what it means is in
/// <see cref="Conductor"/>, <see cref="ProjectWork"/> and the publisher.
/// </summary>
internal sealed class ProjectHub(
    StreamHubServices services,
    EventPublisher publisher,
    Conductor conductor,
    ProjectWorkers workers,
    ProjectWork work,
    ProjectCommandReplies replies,
    ProjectGreeting greeting) : StreamHub<IProjectClient>(services), IProjectHub
{
    private const int MaxPatterns = 100;

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        workers.Unregister(Context.ConnectionId);
        work.Disconnected(Context.ConnectionId);
        replies.Disconnected(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }

    public Task<SubscribeResult> Subscribe(string projectId, string? position = null)
    {
        StreamId stream = ProjectOf(projectId);
        return JoinAsync(stream, position, async head =>
        {
            // Read after the head is known: nothing that changed it later is missing from what follows.
            ProjectState state = await conductor.StateAsync(KeyOf(stream));
            return state.Error is { } error ? throw new HubRefusal(error) : greeting.Of(new ProjectId(projectId), head, state);
        });
    }

    public Task<Accepted> Unsubscribe(string projectId) => LeaveAsync(ProjectOf(projectId));

    public async Task<Accepted> Chat(string projectId, string text) =>
        await CheckAsync(Operation.Send, ProjectOf(projectId)) is { } error
            ? new Accepted { Error = error }
            : await conductor.ChatAsync(Caller, KeyOf(ProjectOf(projectId)), text);

    public Task<CommandResult> Confirm(string projectId, string? stageId = null) =>
        CommandAsync(Operation.Send, projectId, key => conductor.ConfirmAsync(Caller, key, stageId));

    public Task<CommandResult> RestartStage(string projectId, string stageId) =>
        CommandAsync(Operation.Send, projectId, key => conductor.RestartAsync(Caller, key, stageId ?? ""));

    public Task<CommandResult> CancelRun(string projectId, string? runId = null) =>
        CommandAsync(Operation.Send, projectId, key => conductor.CancelAsync(Caller, key, runId));

    public Task<CommandResult> Command(string projectId, string name, JsonElement? args = null) =>
        CommandAsync(Operation.Send, projectId, key => conductor.CommandAsync(Caller, key, name ?? "", args));

    public async Task<ProjectState> GetState(string projectId) =>
        await CheckAsync(Operation.Read, ProjectOf(projectId)) is { } error
            ? new ProjectState { Error = error }
            : await conductor.StateAsync(KeyOf(ProjectOf(projectId)));

    public Task<EventPage> GetHistory(string projectId, string? after = null, string? before = null, int? limit = null) =>
        PageAsync(ProjectOf(projectId), after, before, limit);

    public Task<PublishResults> Publish(string projectId, JsonElement events) =>
        publisher.PublishAsync(Caller, ProjectOf(projectId), events, Context.ConnectionId);

    public IAsyncEnumerable<PublishResult> PublishStream(string projectId, IAsyncEnumerable<JsonElement> events) =>
        publisher.PublishStreamAsync(Caller, ProjectOf(projectId), events, Context.ConnectionId, Context.ConnectionAborted);

    public Task<CommandResult> SetStage(string projectId, string stageId, string status, string? message = null, int? attempt = null) =>
        CommandAsync(Operation.Publish, projectId, key => conductor.SetStageAsync(Caller, key, Context.ConnectionId, stageId ?? "", status, message, attempt));

    public Task<CommandResult> WaitForConfirmation(string projectId, string stageId, string summary, IReadOnlyList<string> nextActions, int? attempt = null) =>
        CommandAsync(Operation.Publish, projectId, key => conductor.WaitAsync(Caller, key, Context.ConnectionId, stageId ?? "", summary ?? "", nextActions ?? [], attempt));

    public async Task<Accepted> ServeProjects(IReadOnlyList<string> patterns)
    {
        if (!Caller.Is(Roles.Worker | Roles.Admin))
        {
            return new Accepted { Error = new HubError(ErrorCodes.Forbidden, "Only a worker may serve projects.") };
        }

        if (patterns is not { Count: > 0 and <= MaxPatterns } || !patterns.All(p => p is not null && Ids.IsValid(p.Replace('*', 'x'))))
        {
            return new Accepted { Error = HubError.Invalid("patterns", $"1 to {MaxPatterns} project ids are expected, in which * stands for any characters.") };
        }

        workers.Register(Context.ConnectionId, Caller, patterns);
        await conductor.ResumeAsync(Context.ConnectionId);
        return new Accepted();
    }

    public Task<Accepted> CompleteCommand(string commandId, JsonElement? result = null, HubError? error = null) =>
        Task.FromResult(replies.TryComplete(Context.ConnectionId, commandId ?? "", new CommandResult { Result = result, Error = error })
            ? new Accepted()
            : new Accepted { Error = new HubError(ErrorCodes.NotFound, "No command of this id waits for this worker.") });

    public async Task<LeaseResult> Heartbeat(string projectId) =>
        await CheckAsync(Operation.Publish, ProjectOf(projectId)) is { } error ? new LeaseResult { Error = error }
        : work.Heartbeat(KeyOf(ProjectOf(projectId))) is { } until ? new LeaseResult { LeaseUntil = until }
        : new LeaseResult { Error = new HubError(ErrorCodes.NotFound, "Nothing is under way in this project.") };

    private async Task<CommandResult> CommandAsync(Operation operation, string projectId, Func<StreamKey, Task<CommandResult>> run) =>
        await CheckAsync(operation, ProjectOf(projectId)) is { } error
            ? new CommandResult { Error = error }
            : await run(KeyOf(ProjectOf(projectId)));

    private static StreamId ProjectOf(string projectId) => new(StreamKind.Project, projectId ?? "");
}
