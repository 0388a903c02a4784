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
    /// <c>cancelled</c>, or the hub does; a stage that is still IN_PROGRESS when this returns is put to FAILED.
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
