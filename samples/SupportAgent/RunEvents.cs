using HubService.Client;
using HubService.Client.AI;
using Microsoft.Extensions.AI;

namespace SupportAgent;

/// <summary>Shows an agent's work in a run on the hub.</summary>
internal sealed class RunEvents(AgentRun run) : IRunEvents
{
    public Task ThinkAsync(string thought, int? step = null, int? totalSteps = null, CancellationToken cancellationToken = default) =>
        run.ThinkAsync(thought, step, totalSteps);

    public Task<T> ToolAsync<T>(string toolName, object? parameters, Func<CancellationToken, Task<T>> body, string? purpose = null, CancellationToken cancellationToken = default) =>
        run.ToolAsync(toolName, parameters, body, purpose, cancellationToken);

    public Task StreamMessageAsync(IAsyncEnumerable<string> deltas, CancellationToken cancellationToken = default) =>
        run.StreamMessageAsync(deltas, cancellationToken: cancellationToken);

    public IChatClient Show(IChatClient model) => model.ReportTo(run);
}
