using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Agents;

/// <summary>The first event of its run.</summary>
/// <param name="Task">What the agent set out to do, one line.</param>
/// <param name="ParentRunId">The run that started this one.</param>
public sealed record AgentStarted([NotEmpty] string AgentName, string? Task = null, RunId? ParentRunId = null, JsonObject? Context = null);

/// <summary>One thought of an agent at work.</summary>
/// <param name="Progress">Share of the run that is done, 0 to 1.</param>
public sealed record AgentThinking(
    string Thought,
    [NotNegative] int? Step = null,
    [NotNegative] int? TotalSteps = null,
    [Share] double? Progress = null,
    string? CurrentOperation = null);

/// <summary>The last event of its run: exactly one, after every tool call was closed.</summary>
/// <param name="DurationMs">Since agent_started, milliseconds.</param>
/// <param name="FinalResponse">The answer as text.</param>
/// <param name="Error">For a person to read; set when the run failed.</param>
/// <param name="Usage">Free, e.g. <c>input_tokens</c>, <c>output_tokens</c>.</param>
public sealed record AgentCompleted(
    RunStatus Status,
    [NotNegative] double DurationMs,
    JsonElement? Result = null,
    string? FinalResponse = null,
    string? Error = null,
    JsonObject? Usage = null);

/// <summary>Something went wrong; the run goes on until agent_completed.</summary>
/// <param name="Code">Machine-readable, e.g. <c>llm_timeout</c>.</param>
/// <param name="RetryAfterMs">When a retry makes sense, milliseconds.</param>
public sealed record AgentError(
    [NotEmpty] string Code,
    string Message,
    bool Recoverable,
    IReadOnlyList<string>? RecoverySuggestions = null,
    [NotNegative] long? RetryAfterMs = null);

/// <summary>How a run ended; <c>abandoned</c> is the hub's word for a worker that went away.</summary>
[JsonConverter(typeof(WireEnumConverter<RunStatus>))]
public enum RunStatus
{
    Success,
    Failed,
    Cancelled,
    Abandoned,
}
