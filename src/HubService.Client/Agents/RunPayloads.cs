using System.Runtime.InteropServices;
using System.Text.Json;
using HubService.Contracts;

namespace HubService.Client;

/// <summary>The payloads a run publishes.</summary>
internal static class RunPayloads
{
    /// <summary>Leaves room for the envelope within the hub's 64 KB.</summary>
    public const int MaxInlineBytes = 60_000;

    public static JsonElement Started(RunStart start) =>
        Wire.Element(new { start.AgentName, start.Task, start.ParentRunId, Context = Wire.Object(start.Context) });

    public static JsonElement ToolExecuting(string toolCallId, string toolName, object? parameters, string? purpose) =>
        Wire.Element(new { ToolCallId = toolCallId, ToolName = toolName, Parameters = Wire.Object(parameters), Purpose = purpose });

    public static JsonElement ToolCompleted(OpenTool tool, string status, double durationMs, JsonElement? result, string? error) =>
        Wire.Element(new { tool.ToolCallId, tool.ToolName, Status = status, DurationMs = durationMs, Result = result, Error = error });

    public static JsonElement Completed(string status, double durationMs, JsonElement? result, string? finalResponse, string? error, object? usage) =>
        Wire.Element(new { Status = status, DurationMs = durationMs, Result = result, FinalResponse = finalResponse, Error = error, Usage = Wire.Object(usage) });

    /// <summary>The value as JSON; what is too large to travel inline becomes <c>{"omitted":"payload_too_large","bytes":n}</c>.</summary>
    public static JsonElement? Inline(object? value)
    {
        if (value is null)
        {
            return null;
        }

        JsonElement json = JsonSerializer.SerializeToElement(value, value.GetType(), Wire.Json);
        int bytes = JsonMarshal.GetRawUtf8Value(json).Length;
        return bytes <= MaxInlineBytes ? json : Wire.Element(new { Omitted = ErrorCodes.PayloadTooLarge, Bytes = bytes });
    }
}

/// <summary>A tool call that was opened.</summary>
/// <param name="Since">A timestamp of the run's clock.</param>
internal sealed record OpenTool(string ToolCallId, string ToolName, long Since);
