using System.Text.Json;

namespace HubService.Publishing;

/// <summary>An event as a projection reads it, fresh or from the log.</summary>
internal readonly record struct PlacedEvent(
    string Type,
    string EventId,
    string? RunId,
    string? UserId,
    string? AgentName,
    DateTimeOffset At,
    JsonElement Payload);
