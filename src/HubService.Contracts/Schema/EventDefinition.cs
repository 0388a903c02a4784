using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HubService.Contracts.Schema;

/// <summary>One event type of the contract.</summary>
/// <param name="Type">The wire name, e.g. <c>agent_started</c> or <c>STAGE_STATUS</c>.</param>
/// <param name="Payload">The payload record.</param>
/// <param name="ClientMethod">The SignalR method that carries it.</param>
/// <param name="StreamKind">One of <see cref="Contracts.StreamKind"/>; null for a session event, which belongs to no stream.</param>
/// <param name="RequiredFields">Wire names of the payload's required fields.</param>
/// <param name="Critical">True for the five agent events whose order and presence are guaranteed per run.</param>
public sealed record EventDefinition(
    string Type,
    Type Payload,
    string ClientMethod,
    string? StreamKind,
    JsonTypeInfo PayloadInfo,
    JsonTypeInfo EnvelopeInfo,
    IReadOnlyList<string> RequiredFields,
    bool Critical)
{
    /// <summary>
    /// Reads a payload and checks its rules. False with an <c>invalid_message</c> that names the field
    /// (<c>payload.tool_name</c>) and the rule. Fields the record does not know are no fault.
    /// </summary>
    public bool TryRead(JsonElement payload, [NotNullWhen(true)] out object? value, [NotNullWhen(false)] out HubError? error) =>
        PayloadReader.TryRead(payload, PayloadInfo, "payload", out value, out error);

    internal static EventDefinition Create<TPayload, TEnvelope>(string type, string clientMethod, string? streamKind, bool critical = false)
    {
        JsonTypeInfo payload = ContractJson.Options.GetTypeInfo(typeof(TPayload));
        return new EventDefinition(
            type,
            typeof(TPayload),
            clientMethod,
            streamKind,
            payload,
            ContractJson.Options.GetTypeInfo(typeof(TEnvelope)),
            [.. payload.Properties.Where(p => p.IsRequired).Select(p => p.Name)],
            critical);
    }
}
