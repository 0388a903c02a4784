using System.Text.Json;
using HubService.Contracts;

namespace HubService.Publishing;

/// <summary>An event on its way in: valid by its schema, not yet placed in its stream.</summary>
/// <param name="Type">The current name; a deprecated one has been mapped.</param>
/// <param name="FromPublisher">True when the publisher chose the id and may therefore retry with it.</param>
/// <param name="ConnectionId">The SignalR connection that published it, which then holds the run's lease; null over HTTP.</param>
/// <param name="ThreadId">On a user's stream: the thread it is about.</param>
/// <param name="UserId">The authenticated subject, or the user a worker acts for.</param>
internal sealed record EventDraft(
    string Type,
    string EventId,
    bool FromPublisher,
    JsonElement Payload,
    string? UserId,
    string? RunId = null,
    string? AgentName = null,
    JsonElement? Metadata = null,
    string? ConnectionId = null,
    string? ThreadId = null)
{
    /// <summary>The hub made it, for itself or, with a <see cref="ConnectionId"/>, for who called a method; a publisher's is never so.</summary>
    public bool WrittenByHub { get; private init; }

    /// <summary>An event that the hub itself writes.</summary>
    public static EventDraft ByHub<TPayload>(string type, TPayload payload, string? runId = null, string? agentName = null, string? userId = null) =>
        new(
            type,
            Ids.New("evt_"),
            FromPublisher: false,
            JsonSerializer.SerializeToElement(payload, ContractJson.Options.GetTypeInfo(typeof(TPayload))),
            userId,
            runId,
            agentName)
        {
            WrittenByHub = true,
        };
}
