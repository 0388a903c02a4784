using System.Text.Json;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Delivery;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Projects;

/// <summary>
/// The hub of projects: <c>/hubs/project</c>. Each method authorises, hands over and answers; what it means is in
/// <see cref="ProjectControl"/>, <see cref="Conductor"/> and the publisher.
/// </summary>
internal sealed class ProjectHub(
    StreamHubServices services,
    EventPublisher publisher,
    Conductor conductor,
    ProjectControl control,
    ProjectWorkers workers,
    ProjectKeeping keeping,
    Handles handles,
    ProjectGreeting greeting) : StreamHub<IProjectClient>(services), IProjectHub
{
    private const int MaxPatterns = 100;

    /// <summary>This connection, as every node names it.</summary>
    private string Self => handles.Of(Context.ConnectionId);

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        workers.Unregister(Self);
        keeping.Disconnected(Self);
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
            : await control.ChatAsync(Caller, KeyOf(ProjectOf(projectId)), text);

    public Task<CommandResult> Confirm(string projectId, string? stageId = null) =>
        CommandAsync(Operation.Send, projectId, key => control.ConfirmAsync(Caller, key, stageId));

    public Task<CommandResult> RestartStage(string projectId, string stageId) =>
        CommandAsync(Operation.Send, projectId, key => control.RestartAsync(Caller, key, stageId ?? ""));

    public Task<CommandResult> CancelRun(string projectId, string? runId = null) =>
        CommandAsync(Operation.Send, projectId, key => control.CancelAsync(Caller, key, runId));

    public Task<CommandResult> Command(string projectId, string name, JsonElement? args = null) =>
        CommandAsync(Operation.Send, projectId, key => control.CommandAsync(Caller, key, name ?? "", args));

    public async Task<ProjectState> GetState(string projectId) =>
        await CheckAsync(Operation.Read, ProjectOf(projectId)) is { } error
            ? new ProjectState { Error = error }
            : await conductor.StateAsync(KeyOf(ProjectOf(projectId)));

    public Task<EventPage> GetHistory(string projectId, string? after = null, string? before = null, int? limit = null) =>
        PageAsync(ProjectOf(projectId), after, before, limit);

    public Task<PublishResults> Publish(string projectId, JsonElement events) =>
        publisher.PublishAsync(Caller, ProjectOf(projectId), events, Self).AsTask();

    public IAsyncEnumerable<PublishResult> PublishStream(string projectId, IAsyncEnumerable<JsonElement> events) =>
        publisher.PublishStreamAsync(Caller, ProjectOf(projectId), events, Self, Context.ConnectionAborted);

    public Task<CommandResult> SetStage(string projectId, string stageId, string status, string? message = null, int? attempt = null) =>
        CommandAsync(Operation.Publish, projectId, key => conductor.SetStageAsync(Caller, key, Self, stageId ?? "", status, message, attempt));

    public Task<CommandResult> WaitForConfirmation(string projectId, string stageId, string summary, IReadOnlyList<string> nextActions, int? attempt = null) =>
        CommandAsync(Operation.Publish, projectId, key => conductor.WaitAsync(Caller, key, Self, stageId ?? "", summary ?? "", nextActions ?? [], attempt));

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

        workers.Register(Self, Caller, patterns);
        await conductor.ResumeAsync(Self);
        return new Accepted();
    }

    public Task<Accepted> CompleteCommand(string commandId, JsonElement? result = null, HubError? error = null) =>
        control.CompleteAsync(Self, commandId ?? "", new CommandResult { Result = result, Error = error });

    public async Task<LeaseResult> Heartbeat(string projectId) =>
        await CheckAsync(Operation.Publish, ProjectOf(projectId)) is { } error
            ? new LeaseResult { Error = error }
            : await control.HeartbeatAsync(Caller, KeyOf(ProjectOf(projectId)));

    private async Task<CommandResult> CommandAsync(Operation operation, string projectId, Func<StreamKey, Task<CommandResult>> run) =>
        await CheckAsync(operation, ProjectOf(projectId)) is { } error
            ? new CommandResult { Error = error }
            : await run(KeyOf(ProjectOf(projectId)));

    internal static StreamId ProjectOf(string projectId) => new(StreamKind.Project, projectId ?? "");
}
