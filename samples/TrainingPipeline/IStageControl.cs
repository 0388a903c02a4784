namespace TrainingPipeline;

/// <summary>How the pipeline moves its project from stage to stage.</summary>
public interface IStageControl
{
    /// <summary>Publishes the stage's new status; <paramref name="status"/> is one of <see cref="StageStatuses"/>.</summary>
    Task SetStageAsync(string stageId, string status, string message, CancellationToken cancellationToken = default);

    /// <summary>Asks a person; the walk goes on with <see cref="ProjectDriver.StartAsync"/> for the next stage once somebody confirmed.</summary>
    Task WaitForConfirmationAsync(string stageId, string summary, IReadOnlyList<string> nextActions, CancellationToken cancellationToken = default);
}
