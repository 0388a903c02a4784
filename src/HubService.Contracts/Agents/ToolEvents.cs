using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Agents;

/// <summary>Opens a tool call.</summary>
/// <param name="ToolCallId">Unique within the run.</param>
/// <param name="Purpose">Why, for a person to read.</param>
public sealed record ToolExecuting([NotEmpty] string ToolCallId, [NotEmpty] string ToolName, JsonObject? Parameters = null, string? Purpose = null);

/// <summary>Closes exactly one open tool call of its run.</summary>
/// <param name="DurationMs">Since tool_executing, milliseconds.</param>
/// <param name="Error">For a person to read; set when the tool failed.</param>
public sealed record ToolCompleted(
    [NotEmpty] string ToolCallId,
    [NotEmpty] string ToolName,
    ToolStatus Status,
    [NotNegative] double DurationMs,
    JsonElement? Result = null,
    string? Error = null);

/// <summary>How a tool call ended; <c>abandoned</c> when its run ended first.</summary>
[JsonConverter(typeof(WireEnumConverter<ToolStatus>))]
public enum ToolStatus
{
    Ok,
    Error,
    Abandoned,
}
