using System.Text.Json;
using HubService.Contracts.Agents;

namespace HubService.Client;

/// <summary>A tool call that was opened.</summary>
/// <param name="Since">A timestamp of the run's clock.</param>
internal sealed record OpenTool(string ToolCallId, string ToolName, long Since)
{
    public ToolCompleted Completed(ToolStatus status, TimeSpan duration, JsonElement? result, string? error) =>
        new(ToolCallId, ToolName, status, Math.Round(duration.TotalMilliseconds, 3), result, error);
}
