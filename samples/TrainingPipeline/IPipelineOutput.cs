namespace TrainingPipeline;

/// <summary>Where the stages publish their project events; the one thing they know of the hub.</summary>
public interface IPipelineOutput
{
    /// <summary>
    /// Publishes one event. Each caller awaits its calls one by one and relies on that order; a chat reply may come at the same time
    /// from another thread.
    /// </summary>
    /// <param name="name">The <c>UPPER_SNAKE</c> event name.</param>
    /// <param name="payload">An object whose members carry the wire's own names; serialise it as it is.</param>
    ValueTask EmitAsync(string name, object payload, CancellationToken cancellationToken = default);
}

/// <summary>Says nothing: for a stage that is only repeated to get its product back.</summary>
internal sealed class SilentOutput : IPipelineOutput
{
    public ValueTask EmitAsync(string name, object payload, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
}
