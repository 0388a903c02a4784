namespace TrainingPipeline;

/// <summary>One step of the pipeline.</summary>
public interface IStage
{
    string Id { get; }

    /// <summary>True while the context holds what this stage produces.</summary>
    bool IsDone(PipelineContext context);

    /// <summary>Drops what this stage produced.</summary>
    void Forget(PipelineContext context);

    /// <summary>
    /// Runs the stage from its beginning, as often as asked; every stage before it is done.
    /// Throws <see cref="OperationCanceledException"/> when cancelled and anything else when the stage failed.
    /// </summary>
    Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken);
}

/// <summary>What follows a stage that did its work: the next stage, or a person's confirmation first.</summary>
/// <param name="Summary">What the stage found, in a sentence or two.</param>
/// <param name="NextActions">What a person may do now; empty when nobody is asked.</param>
public sealed record StageOutcome(string Summary, IReadOnlyList<string> NextActions)
{
    public bool WaitsForConfirmation => NextActions.Count > 0;

    public static StageOutcome Complete(string summary) => new(summary, []);

    public static StageOutcome WaitForConfirmation(string summary, params IReadOnlyList<string> nextActions) => new(summary, nextActions);
}
