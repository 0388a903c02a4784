using HubService.Contracts;
using HubService.Contracts.Projects;

namespace HubService.Client;

/// <summary>What a pipeline does for the hub; implemented by the application. Members may be called for many projects at once.</summary>
public interface IProjectWorker
{
    /// <summary>
    /// Executes a stage and says how it ended through <see cref="StageWork"/>. One stage at a time per project: a new request
    /// cancels the running one and waits for it. An exception puts the stage to FAILED with its message.
    /// </summary>
    /// <param name="cancellationToken">
    /// Fires on CancelRun, on a newer request and when the worker stops. On CancelRun publish TRAIN_RUN_FINISHED with
    /// <c>cancelled</c>, or the hub does.
    /// </param>
    Task RunStageAsync(StageWork work, CancellationToken cancellationToken);

    /// <summary>Answers a custom command. Throw <see cref="HubClientException"/> to answer with a certain error.</summary>
    /// <returns>Any JSON value, or null.</returns>
    Task<object?> CommandAsync(CommandRequest command, CancellationToken cancellationToken) =>
        throw new HubClientException(HubError.Invalid("name", $"must be a command this pipeline knows; '{command.Name}' is not"));

    /// <summary>
    /// Hears of CancelRun before the token of a running stage fires, also when no stage was requested. Does nothing unless implemented.
    /// </summary>
    Task CancelAsync(ProjectCancelRequest request, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Answers a person, by a LOG_LINE. Does nothing unless implemented.</summary>
    Task ChatAsync(ChatRequest chat, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>One stage to execute, with what it takes to report on it.</summary>
public sealed class StageWork(ProjectClient client, StageRequest request)
{
    public ProjectId ProjectId => request.ProjectId;

    public string StageId => request.StageId;

    /// <summary><c>confirmed</c>, <c>restarted</c> or <c>resumed</c>.</summary>
    public string Reason => request.Reason;

    /// <summary>Publishes a payload record, e.g. <c>new TrainProgress(…)</c>.</summary>
    public Task<PublishResult> PublishAsync(object payload, CancellationToken cancellationToken = default) =>
        client.PublishAsync(ProjectId, payload, cancellationToken);

    /// <summary>Publishes by name, also names the pipeline registered.</summary>
    public Task<PublishResult> PublishAsync(string name, object payload, CancellationToken cancellationToken = default) =>
        client.PublishAsync(ProjectId, name, payload, cancellationToken);

    /// <summary>Sets this stage's status, e.g. <c>COMPLETED</c>.</summary>
    public Task SetStageAsync(string status, string? message = null, CancellationToken cancellationToken = default) =>
        client.SetStageAsync(ProjectId, StageId, status, message, cancellationToken);

    /// <summary>Puts this stage to WAITING_CONFIRMATION; return after it, the next stage is requested when a person confirms.</summary>
    public Task WaitForConfirmationAsync(string summary, IReadOnlyList<string> nextActions, CancellationToken cancellationToken = default) =>
        client.WaitForConfirmationAsync(ProjectId, StageId, summary, nextActions, cancellationToken);
}
