namespace TrainingPipeline;

/// <summary>How the pipeline moves its project from stage to stage.</summary>
public interface IStageControl
{
    /// <summary>Publishes the stage's new status; <paramref name="status"/> is one of <see cref="StageStatuses"/>.</summary>
    /// <param name="attempt">The hub's number of the walk; once a newer one was asked for, an older one has no say and the call fails.</param>
    Task SetStageAsync(string stageId, string status, string message, int? attempt = null, CancellationToken cancellationToken = default);

    /// <summary>Asks a person; the walk goes on with <see cref="ProjectDriver.StartAsync"/> for the next stage once somebody confirmed.</summary>
    /// <param name="attempt">As for <see cref="SetStageAsync"/>.</param>
    Task WaitForConfirmationAsync(string stageId, string summary, IReadOnlyList<string> nextActions, int? attempt = null, CancellationToken cancellationToken = default);
}
