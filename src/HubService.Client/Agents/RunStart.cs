using HubService.Contracts;

namespace HubService.Client;

/// <summary>What a run says of itself when it starts.</summary>
/// <param name="AgentName">As users see it.</param>
/// <param name="Task">What the agent set out to do, one line.</param>
/// <param name="ParentRunId">The run that started this one.</param>
/// <param name="Context">Any JSON object.</param>
internal sealed record RunStart(string AgentName, string? Task = null, RunId? ParentRunId = null, object? Context = null);
