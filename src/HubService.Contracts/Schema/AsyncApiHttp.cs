using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>The raw endpoints of each kind of stream: publishing over HTTP, and server-sent events.</summary>
internal sealed class AsyncApiHttp(AsyncApiParts parts)
{
    private const string Answer = "publish.answer";
    private const string Lost = "sse.history_lost";
    private const string Reset = "sse.reset";
    private const string Position = "The position after which to begin, `epoch:seq`; `:0` for everything. `Last-Event-ID` does the same.";

    /// <summary>What the endpoints of all streams share: a request for each kind of event, its answer, and what a server-sent stream says of itself.</summary>
    public void AddMessages()
    {
        foreach (EventKind kind in ContractCatalog.Hubs.Select(h => h.Kind))
        {
            JsonObject one = Schema(kind.Draft!.Name);
            parts.Message(
                Request(kind),
                kind.Draft.Name,
                "One event or an array; as `application/x-ndjson` one event a line, each answered by a line.",
                new JsonObject { ["oneOf"] = new JsonArray(one, new JsonObject { ["type"] = "array", ["items"] = one.DeepClone() }) },
                [MethodExamples.Published(kind.Name)]);
        }

        parts.Message(
            Answer,
            "Publish answer",
            "A single event is answered with its result, an array with the results in order.",
            new JsonObject { ["anyOf"] = new JsonArray(Schema(nameof(PublishResults)), Schema(nameof(PublishResult))) },
            [MethodExamples.PublishAnswer()]);
        Notice<HistoryLost>(Lost);
        Notice<StreamReset>(Reset);
    }

    /// <param name="kind">One of <see cref="StreamKind"/>.</param>
    public void AddStream(string kind, EventCatalog events)
    {
        Publish(kind, events);
        Follow(kind, events);
    }

    private void Publish(string kind, EventCatalog events)
    {
        string channel = $"{kind}_events", request = Request(events.Kind);
        parts.Channel(channel, $"/api/v1/{kind}s/{{id}}/events", "http", [request, Answer], Address(kind));
        parts.Operation($"{kind}.publish", "receive", channel, "Publishes; `Idempotency-Key` gives a single event its event_id.", [request], Answer, Http("POST"));
    }

    private void Follow(string kind, EventCatalog events)
    {
        string channel = $"{kind}_stream";
        string[] messages = [.. events.All.Where(d => d.Payload != typeof(Projects.Hello)).Select(d => d.Type), Lost, Reset];
        parts.Channel(channel, $"/api/v1/{kind}s/{{id}}/stream", "http", messages, Address(kind));
        JsonObject more = Http("GET");
        more["bindings"]!["http"]!["query"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["after"] = new JsonObject { ["type"] = "string", ["description"] = Position } },
        };
        more["x-sse"] = new JsonObject { ["id"] = "the position", ["event"] = "the type of an agent event, the name of a project event", ["data"] = "the message" };
        parts.Operation($"{kind}.follow", "send", channel, "Server-sent events: what was missed, then what comes.", messages, reply: null, more);
    }

    /// <summary>A session event as a server-sent stream carries it.</summary>
    private void Notice<TPayload>(string key)
    {
        ContractCatalog.Sessions.TryGet(typeof(TPayload), out EventDefinition? definition);
        IEnumerable<JsonNode?> examples = ContractExamples.For(definition!).Select(p => JsonNode.Parse(p.GetRawText()));
        parts.Message(key, definition!.Type, "The data is the payload alone.", Schema(definition.Payload.Name), examples);
    }

    private static string Request(EventKind kind) => $"{kind.Name}_events.publish";

    private static JsonObject Schema(string name) => AsyncApiParts.Ref($"#/components/schemas/{name}");

    private static JsonObject Address(string kind) => new()
    {
        ["parameters"] = new JsonObject { ["id"] = new JsonObject { ["description"] = kind == StreamKind.User ? "The user's subject." : $"The id of the {kind}." } },
    };

    private static JsonObject Http(string method) => new()
    {
        ["bindings"] = new JsonObject { ["http"] = new JsonObject { ["method"] = method, ["bindingVersion"] = "0.3.0" } },
    };
}
