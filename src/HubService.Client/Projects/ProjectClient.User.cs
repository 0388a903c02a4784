using HubService.Contracts;
using HubService.Contracts.Projects;

namespace HubService.Client;

/// <content>What a user asks of the hub.</content>
public sealed partial class ProjectClient
{
    /// <summary>Says something in a project; it and the worker's reply appear as LOG_LINE.</summary>
    public Task<Accepted> ChatAsync(ProjectId project, string text, CancellationToken cancellationToken = default) =>
        Call<Accepted>(nameof(IProjectHub.Chat), cancellationToken, project.Value, text);

    /// <summary>Confirms the current stage: it becomes COMPLETED and the next one IN_PROGRESS. Two confirms at once advance once.</summary>
    /// <exception cref="HubClientException"><c>stage_conflict</c> when there is nothing to confirm.</exception>
    /// <param name="stageId">The stage the person saw; when it is no longer current, nothing happens but a <c>stage_conflict</c>.</param>
    public Task<CommandResult> ConfirmAsync(ProjectId project, string? stageId = null, CancellationToken cancellationToken = default) =>
        Call<CommandResult>(nameof(IProjectHub.Confirm), cancellationToken, project.Value, stageId);

    /// <summary>Starts a stage again; later ones go back to PENDING.</summary>
    /// <exception cref="HubClientException"><c>invalid_stage</c> for an id the pipeline does not have.</exception>
    public Task<CommandResult> RestartStageAsync(ProjectId project, string stageId, CancellationToken cancellationToken = default) =>
        Call<CommandResult>(nameof(IProjectHub.RestartStage), cancellationToken, project.Value, stageId);

    /// <summary>Asks the worker to stop; TRAIN_RUN_FINISHED with <c>cancelled</c> follows.</summary>
    public Task<CommandResult> CancelRunAsync(ProjectId project, string? runId = null, CancellationToken cancellationToken = default) =>
        Call<CommandResult>(nameof(IProjectHub.CancelRun), cancellationToken, project.Value, runId);

    /// <summary>Any command; other names than the hub's own reach the worker, whose answer is the result.</summary>
    /// <param name="args">An object.</param>
    public Task<CommandResult> CommandAsync(ProjectId project, string name, object? args = null, CancellationToken cancellationToken = default) =>
        Call<CommandResult>(nameof(IProjectHub.Command), cancellationToken, project.Value, name, args is null ? null : Wire.Element(args));

    /// <summary>The stages with their statuses, the current one, a pending confirmation, and the position they hold for.</summary>
    public Task<ProjectState> GetStateAsync(ProjectId project, CancellationToken cancellationToken = default) =>
        Call<ProjectState>(nameof(IProjectHub.GetState), cancellationToken, project.Value);

    /// <summary>A page of the project, oldest first.</summary>
    /// <param name="after">Pages forward from here.</param>
    /// <param name="before">Pages back from here.</param>
    /// <param name="limit">At most 1,000.</param>
    public Task<EventPage> GetHistoryAsync(
        ProjectId project, StreamPosition? after = null, StreamPosition? before = null, int? limit = null, CancellationToken cancellationToken = default) =>
        Call<EventPage>(nameof(IProjectHub.GetHistory), cancellationToken, project.Value, after?.ToString(), before?.ToString(), limit);

    /// <summary>Measures the way to the hub and tells its clock, unix milliseconds, and node.</summary>
    public Task<Pong> PingAsync(CancellationToken cancellationToken = default) =>
        Call<Pong>(nameof(IProjectHub.Ping), cancellationToken, Options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());
}
