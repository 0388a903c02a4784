using System.Text.Json.Nodes;

namespace HubService.Contracts.Agents;

/// <summary>The envelope of an event on a thread or user stream. The hub sets v, seq, epoch, timestamp and user_id.</summary>
/// <param name="V">Contract version, 1.</param>
/// <param name="Type">The snake_case event type, e.g. <c>agent_started</c>.</param>
/// <param name="EventId">Unique; a retry with the same id is answered with the original seq.</param>
/// <param name="Seq">1-based, gapless within (stream, epoch).</param>
/// <param name="UserId">The authenticated subject on whose behalf it was published.</param>
/// <param name="Timestamp">When the hub accepted it, UTC.</param>
/// <param name="Metadata">Free; carries <c>traceparent</c>.</param>
public sealed record AgentEvent<TPayload>(
    int V,
    string Type,
    string EventId,
    ThreadId ThreadId,
    long Seq,
    string Epoch,
    DateTimeOffset Timestamp,
    TPayload Payload,
    RunId? RunId = null,
    string? UserId = null,
    string? AgentName = null,
    JsonObject? Metadata = null);
