using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>The raw endpoints of one kind of stream: publishing over HTTP, and server-sent events.</summary>
internal sealed class AsyncApiHttp(AsyncApiParts parts)
{
    private const string Position = "The position after which to begin, `epoch:seq`; `:0` for everything. `Last-Event-ID` does the same.";

    public void Add(string kind, string folder, string draft, EventCatalog events)
    {
        Publish(kind, folder, draft);
        Follow(kind, folder, events);
    }

    private void Publish(string kind, string folder, string draft)
    {
        string request = draft == "NewAgentEvent" ? "agent_events.publish" : "project_events.publish", answer = "publish.answer", channel = $"{kind}_events";
        JsonObject one = AsyncApiParts.Ref($"#/components/schemas/{draft}");
        parts.Message(
            request,
            draft,
            "One event or an array; as `application/x-ndjson` one event a line, each answered by a line.",
            new JsonObject { ["oneOf"] = new JsonArray(one, new JsonObject { ["type"] = "array", ["items"] = one.DeepClone() }) },
            [JsonNode.Parse(draft == "NewAgentEvent"
                ? """{"type":"status_update","payload":{"status":"running"},"event_id":"evt_1"}"""
                : """{"name":"LOG_LINE","payload":{"run_id":"run_1","level":"info","text":"Fitting"},"event_id":"evt_1"}""")]);
        parts.Message(
            answer,
            "Publish answer",
            "A single event is answered with its result, an array with the results in order.",
            new JsonObject { ["anyOf"] = new JsonArray(AsyncApiParts.Ref("#/components/schemas/PublishResults"), AsyncApiParts.Ref("#/components/schemas/PublishResult")) },
            [JsonNode.Parse("""{"seq":1,"epoch":"k3x9","event_id":"evt_1","duplicate":false}""")]);
        parts.Channel(channel, $"/api/v1/{folder}/{{id}}/events", "http", [request, answer], Address(kind));
        parts.Operation($"{kind}.publish", "receive", channel, "Publishes; `Idempotency-Key` gives a single event its event_id.", [request], answer, Http("POST"));
    }

    private void Follow(string kind, string folder, EventCatalog events)
    {
        string channel = $"{kind}_stream";
        parts.Message("sse.history_lost", "history_lost", "The data is the payload alone.", AsyncApiParts.Ref("#/components/schemas/HistoryLost"), Payloads("history_lost"));
        parts.Message("sse.reset", "reset", "The data is the payload alone.", AsyncApiParts.Ref("#/components/schemas/StreamReset"), Payloads("reset"));
        string[] messages = [.. events.All.Where(d => d.Type != "HELLO").Select(d => d.Type), "sse.history_lost", "sse.reset"];
        parts.Channel(channel, $"/api/v1/{folder}/{{id}}/stream", "http", messages, Address(kind));
        JsonObject more = Http("GET");
        more["bindings"]!["http"]!["query"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["after"] = new JsonObject { ["type"] = "string", ["description"] = Position } },
        };
        more["x-sse"] = new JsonObject { ["id"] = "the position", ["event"] = "the type of an agent event, the name of a project event", ["data"] = "the message" };
        parts.Operation($"{kind}.follow", "send", channel, "Server-sent events: what was missed, then what comes.", messages, reply: null, more);
    }

    private static IEnumerable<JsonNode?> Payloads(string type)
    {
        ContractCatalog.Sessions.TryGet(type, out EventDefinition? definition);
        return ContractExamples.For(definition!).Select(p => JsonNode.Parse(p.GetRawText()));
    }

    private static JsonObject Address(string kind) => new()
    {
        ["parameters"] = new JsonObject { ["id"] = new JsonObject { ["description"] = kind == "user" ? "The user's subject." : $"The id of the {kind}." } },
    };

    private static JsonObject Http(string method) => new()
    {
        ["bindings"] = new JsonObject { ["http"] = new JsonObject { ["method"] = method, ["bindingVersion"] = "0.3.0" } },
    };
}
