using HubService.Contracts;
using HubService.Contracts.Projects;

namespace HubService.Client;

/// <summary>One stage to execute, with what it takes to report on it.</summary>
public sealed class StageWork(ProjectClient client, StageRequest request)
{
    /// <summary>The project whose stage it is.</summary>
    public ProjectId ProjectId => request.ProjectId;

    /// <summary>The stage to execute, one of the project's pipeline.</summary>
    public string StageId => request.StageId;

    /// <summary><c>confirmed</c>, <c>restarted</c> or <c>resumed</c>.</summary>
    public string Reason => request.Reason;

    /// <summary>
    /// The number of this attempt. <see cref="SetStageAsync"/>, <see cref="WaitForConfirmationAsync"/> and the publishing of a record
    /// send it; publishing by name does not. Once a person has restarted or confirmed a stage the hub refuses it with
    /// <c>stage_conflict</c>: the newer attempt has the word. Null before the first.
    /// </summary>
    public int? Attempt => request.Attempt;

    /// <summary>Publishes a payload record, e.g. <c>new TrainProgress(…)</c>.</summary>
    public Task<PublishResult> PublishAsync(object payload, CancellationToken cancellationToken = default) =>
        client.PublishAsync(ProjectId, Numbered(payload), cancellationToken);

    /// <summary>Publishes by name, also names the pipeline registered.</summary>
    public Task<PublishResult> PublishAsync(string name, object payload, CancellationToken cancellationToken = default) =>
        client.PublishAsync(ProjectId, name, payload, cancellationToken);

    /// <summary>Sets this stage's status, e.g. <c>COMPLETED</c>.</summary>
    /// <exception cref="HubClientException"><c>stage_conflict</c> when a newer attempt has begun; <c>invalid_stage</c> when the pipeline has lost the stage.</exception>
    public Task SetStageAsync(string status, string? message = null, CancellationToken cancellationToken = default) =>
        client.SetStageAsync(ProjectId, StageId, status, message, Attempt, cancellationToken);

    /// <summary>Puts this stage to WAITING_CONFIRMATION; return after it, the next stage is requested when a person confirms.</summary>
    /// <exception cref="HubClientException">As for <see cref="SetStageAsync"/>.</exception>
    public Task WaitForConfirmationAsync(string summary, IReadOnlyList<string> nextActions, CancellationToken cancellationToken = default) =>
        client.WaitForConfirmationAsync(ProjectId, StageId, summary, nextActions, Attempt, cancellationToken);

    private object Numbered(object payload) => payload switch
    {
        StageStatus { Attempt: null } status => status with { Attempt = Attempt },
        WaitingConfirmation { Attempt: null } waiting => waiting with { Attempt = Attempt },
        _ => payload,
    };
}
