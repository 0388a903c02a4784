namespace TrainingPipeline;

/// <summary>Pauses between steps, so that a person sees them happen.</summary>
internal sealed class Pace(PipelineOptions options, TimeProvider time)
{
    public Task AfterEpochAsync(IPipelineOutput output, CancellationToken cancellationToken) => PauseAsync(output, options.EpochDelay, cancellationToken);

    public Task AfterStepAsync(IPipelineOutput output, CancellationToken cancellationToken) => PauseAsync(output, options.StepDelay, cancellationToken);

    private Task PauseAsync(IPipelineOutput output, TimeSpan delay, CancellationToken cancellationToken) =>
        delay > TimeSpan.Zero && output is not SilentOutput ? Task.Delay(delay, time, cancellationToken) : Task.CompletedTask;
}
