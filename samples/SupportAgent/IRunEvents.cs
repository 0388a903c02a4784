using Microsoft.Extensions.AI;

namespace SupportAgent;

/// <summary>Where an agent shows what it does; the one thing it knows of the hub. Calls come one after the other.</summary>
public interface IRunEvents
{
    /// <summary>Publishes <c>agent_thinking</c>.</summary>
    Task ThinkAsync(string thought, int? step = null, int? totalSteps = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes <c>tool_executing</c>, runs the tool, publishes <c>tool_completed</c> with its result or its error, and returns or throws what
    /// the tool did.
    /// </summary>
    Task<T> ToolAsync<T>(
        string toolName, object? parameters, Func<CancellationToken, Task<T>> body, string? purpose = null, CancellationToken cancellationToken = default);

    /// <summary>Publishes every piece as <c>agent_streaming</c> when it comes, and the whole as <c>agent_message</c> at the end.</summary>
    Task StreamMessageAsync(IAsyncEnumerable<string> deltas, CancellationToken cancellationToken = default);

    /// <summary>The same language model, with what it thinks, says and calls shown while it does.</summary>
    IChatClient Show(IChatClient model);
}
