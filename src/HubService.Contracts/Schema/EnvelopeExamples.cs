using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>The example payloads of an event in the envelope in which they arrive.</summary>
internal static class EnvelopeExamples
{
    public static IEnumerable<JsonObject> For(EventDefinition definition) => ContractExamples.For(definition).Select(p => Envelope(definition, p));

    private static JsonObject Envelope(EventDefinition definition, JsonElement payload)
    {
        JsonNode? body = JsonSerializer.SerializeToNode(payload, ContractJson.Default.JsonElement);
        return definition.StreamKind switch
        {
            StreamKind.Project => new JsonObject
            {
                ["v"] = ContractVersion.Wire,
                ["type"] = definition.Type == "HELLO" ? "HELLO" : "EVENT",
                ["project_id"] = "demo",
                ["seq"] = 7,
                ["epoch"] = "p7aa",
                ["ts"] = 1765886400000,
                ["event_id"] = "evt_9",
                ["stage"] = new JsonObject { ["id"] = "TRAIN", ["index"] = 5, ["status"] = "IN_PROGRESS" },
                ["event"] = new JsonObject { ["name"] = definition.Type, ["payload"] = body },
            },
            null => new JsonObject
            {
                ["v"] = ContractVersion.Wire,
                ["type"] = definition.Type,
                ["event_id"] = "evt_9",
                ["timestamp"] = "2025-12-16T12:00:00.000Z",
                ["payload"] = body,
            },
            _ => new JsonObject
            {
                ["v"] = ContractVersion.Wire,
                ["type"] = definition.Type,
                ["event_id"] = "evt_9",
                ["thread_id"] = "thread_123",
                ["seq"] = 7,
                ["epoch"] = "k3x9",
                ["timestamp"] = "2025-12-16T12:00:00.000Z",
                ["payload"] = body,
                ["run_id"] = "run_7c1f",
                ["user_id"] = "user_456",
            },
        };
    }
}
