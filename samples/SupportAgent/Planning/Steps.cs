namespace SupportAgent.Planning;

/// <summary>Thoughts and tool calls of one run, at a pace a person can follow.</summary>
internal sealed class Steps(IRunEvents run, Pace pace, CancellationToken cancellationToken)
{
    public async Task ThinkAsync(string thought, int step, int total)
    {
        await run.ThinkAsync(thought, step, total, cancellationToken);
        await pace.AfterStepAsync(cancellationToken);
    }

    public Task<T> ToolAsync<T>(string name, object parameters, Func<T> body, string purpose) =>
        run.ToolAsync(
            name,
            parameters,
            async ct =>
            {
                // The pause lies inside the call: a call that is over at once would never be seen to run.
                await pace.AfterStepAsync(ct);
                return body();
            },
            purpose,
            cancellationToken);
}
