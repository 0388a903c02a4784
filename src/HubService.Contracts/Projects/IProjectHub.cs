using System.Text.Json;
using HubService.Contracts.Schema;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <summary>The methods of <c>/hubs/project</c>. Every answer carries an error or a result.</summary>
public interface IProjectHub
{
    /// <summary>Joins a project: HELLO, the current STAGE_STATUS and a pending WAITING_CONFIRMATION come first, then what was missed.</summary>
    /// <param name="projectId">A <see cref="ProjectId"/>.</param>
    /// <param name="position"><c>epoch:seq</c>, everything after it is replayed; <c>:0</c> replays from the beginning.</param>
    Task<SubscribeResult> Subscribe(string projectId, string? position = null);

    Task<Accepted> Unsubscribe(string projectId);

    Task<Accepted> Chat(string projectId, string text);

    /// <param name="stageId">The stage the person saw; when it is no longer current the answer is <c>stage_conflict</c>.</param>
    Task<CommandResult> Confirm(string projectId, string? stageId = null);

    Task<CommandResult> RestartStage(string projectId, string stageId);

    Task<CommandResult> CancelRun(string projectId, string? runId = null);

    /// <summary>confirm, restart_stage {stage_id}, cancel_run {run_id?}; any other name reaches the worker and answers with its result.</summary>
    Task<CommandResult> Command(string projectId, string name, JsonElement? args = null);

    Task<ProjectState> GetState(string projectId);

    /// <summary>A page of the project, oldest first.</summary>
    Task<EventPage> GetHistory(string projectId, string? after = null, string? before = null, int? limit = null);

    /// <param name="events">An array of <see cref="NewProjectEvent"/>.</param>
    Task<PublishResults> Publish(string projectId, [Carries(typeof(NewProjectEvent[]))] JsonElement events);

    IAsyncEnumerable<PublishResult> PublishStream(string projectId, [Carries(typeof(NewProjectEvent))] IAsyncEnumerable<JsonElement> events);

    /// <param name="attempt">That of the request the worker acts on: <c>stage_conflict</c> when another one is under way. Without it the status is taken as it comes.</param>
    Task<CommandResult> SetStage(string projectId, string stageId, [OneOfStageStatuses] string status, string? message = null, int? attempt = null);

    /// <param name="attempt">As in <see cref="SetStage"/>.</param>
    Task<CommandResult> WaitForConfirmation(string projectId, string stageId, string summary, IReadOnlyList<string> nextActions, int? attempt = null);

    /// <summary>Registers this connection as the worker for the projects that match (<c>*</c> stands for any characters).</summary>
    Task<Accepted> ServeProjects(IReadOnlyList<string> patterns);

    /// <summary>A worker's answer to <see cref="IProjectClient.CommandReceived"/>.</summary>
    Task<Accepted> CompleteCommand(string commandId, JsonElement? result = null, HubError? error = null);

    /// <summary>Keeps the worker's hold on a project that it works on without publishing.</summary>
    Task<LeaseResult> Heartbeat(string projectId);

    Task<Pong> Ping(long ts);

    Task<TokenRefreshed> RefreshToken(string token);
}
