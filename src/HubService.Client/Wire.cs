using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using HubService.Contracts;
using HubService.Contracts.Schema;

namespace HubService.Client;

/// <summary>The contract's JSON, extended to whatever types the application passes as parameters, results and context.</summary>
internal static class Wire
{
    public static readonly JsonSerializerOptions Json = new(ContractJson.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(ContractJson.Default, new DefaultJsonTypeInfoResolver()),

        // An event may use the contract's whole depth inside SignalR's own frame.
        MaxDepth = ContractJson.MaxDepth + 16,
    };

    public static JsonElement Element(object value) => JsonSerializer.SerializeToElement(value, value.GetType(), Json);

    /// <summary>Any value as a JSON object: objects as they are, others under <c>value</c>.</summary>
    public static JsonObject? Object(object? value) => value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), Json) switch
    {
        null => null,
        JsonObject o => o,
        JsonNode other => new JsonObject { ["value"] = other },
    };

    /// <summary>The payload record of a wire name; the raw JSON for a name or shape this client does not know.</summary>
    public static object Payload(EventCatalog catalog, string type, JsonElement payload)
    {
        try
        {
            return catalog.TryGet(type, out EventDefinition? definition) && payload.Deserialize(definition.PayloadInfo) is { } read ? read : payload;
        }
        catch (JsonException)
        {
            return payload;
        }
    }

    /// <summary>The wire name of a payload record.</summary>
    /// <exception cref="ArgumentException">It is not a payload record of the contract.</exception>
    public static string TypeOf(EventCatalog catalog, object payload) =>
        catalog.TryGet(payload.GetType(), out EventDefinition? definition)
            ? definition.Type
            : throw new ArgumentException($"{payload.GetType().Name} is not a payload record of the contract; name its type.", nameof(payload));
}
