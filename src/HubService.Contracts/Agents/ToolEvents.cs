using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace HubService.Contracts.Agents;

/// <summary>Opens a tool call.</summary>
/// <param name="ToolCallId">Unique within the run.</param>
/// <param name="Purpose">Why, for a person to read.</param>
public sealed record ToolExecuting(string ToolCallId, string ToolName, JsonObject? Parameters = null, string? Purpose = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() => Must.NotBeEmpty("tool_call_id", ToolCallId) ?? Must.NotBeEmpty("tool_name", ToolName);
}

/// <summary>Closes exactly one open tool call of its run.</summary>
/// <param name="DurationMs">Since tool_executing, milliseconds.</param>
/// <param name="Error">For a person to read; set when the tool failed.</param>
public sealed record ToolCompleted(
    string ToolCallId,
    string ToolName,
    ToolStatus Status,
    double DurationMs,
    JsonElement? Result = null,
    string? Error = null) : IPayloadRule
{
    public (string Field, string Rule)? Violation() =>
        Must.NotBeEmpty("tool_call_id", ToolCallId) ?? Must.NotBeEmpty("tool_name", ToolName) ?? Must.NotBeNegative("duration_ms", DurationMs);
}

/// <summary>How a tool call ended; <c>abandoned</c> when its run ended first.</summary>
[JsonConverter(typeof(WireEnumConverter<ToolStatus>))]
public enum ToolStatus
{
    Ok,
    Error,
    Abandoned,
}
