using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace HubService.Client;

/// <summary>The client's JSON: snake_case, absent instead of null, tolerant of fields that a newer hub adds.</summary>
internal static class Wire
{
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        MaxDepth = 64,
    };

    public static JsonElement Element<T>(T value) => JsonSerializer.SerializeToElement(value, Json);

    /// <summary>Any value as a JSON object: objects as they are, others under <c>value</c>.</summary>
    public static JsonObject? Object(object? value) => value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), Json) switch
    {
        null => null,
        JsonObject o => o,
        JsonNode other => new JsonObject { ["value"] = other },
    };
}
