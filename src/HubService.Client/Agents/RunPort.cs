using HubService.Contracts;
using HubService.Contracts.Agents;
using Microsoft.Extensions.Logging;

namespace HubService.Client;

/// <summary>What a run needs of its client; tests give their own.</summary>
/// <param name="Publish">Takes its place in the thread's order before it returns; throws or completes as <see cref="AgentClient.PublishAsync(ThreadId, NewAgentEvent, CancellationToken)"/>.</param>
/// <param name="Ended">Told once, when the run published its last event or was found closed.</param>
internal sealed record RunPort(
    Func<ThreadId, NewAgentEvent, Task<PublishResult>> Publish,
    Func<RunId, CancellationToken, Task<LeaseResult>> Heartbeat,
    Func<ThreadId, StreamPosition, CancellationToken, IAsyncEnumerable<StreamItem>> Subscribe,
    Action<AgentRun> Ended,
    TimeProvider Time,
    TimeSpan HeartbeatInterval,
    ILoggerFactory Loggers);
