using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>The parts of an AsyncAPI document as they come together, each message once however many channels carry it.</summary>
internal sealed class AsyncApiParts
{
    public JsonObject Channels { get; } = [];

    public JsonObject Operations { get; } = [];

    public JsonObject Messages { get; } = [];

    public static JsonObject Ref(string to) => new() { ["$ref"] = to };

    public void Message(string key, string name, string? summary, JsonObject payload, IEnumerable<JsonNode?> examples)
    {
        JsonObject message = new() { ["name"] = name };
        message.AddText("summary", summary);
        message["payload"] = payload;
        message["examples"] = new JsonArray([.. examples.Select(e => new JsonObject { ["payload"] = e })]);
        Messages[key] = message;
    }

    public void Channel(string key, string address, string server, IEnumerable<string> messages, JsonObject more)
    {
        JsonObject channel = new()
        {
            ["address"] = address,
            ["servers"] = new JsonArray(Ref($"#/servers/{server}")),
            ["messages"] = new JsonObject(messages.Select(m => KeyValuePair.Create<string, JsonNode?>(m, Ref($"#/components/messages/{m}")))),
        };
        Channels[key] = more.MoveInto(channel);
    }

    /// <param name="action"><c>send</c> or <c>receive</c>, as the service sees it.</param>
    public void Operation(string key, string action, string channel, string? summary, IEnumerable<string> messages, string? reply, JsonObject more)
    {
        JsonObject operation = new() { ["action"] = action, ["channel"] = Ref($"#/channels/{channel}") };
        operation.AddText("summary", summary);
        operation["messages"] = new JsonArray([.. messages.Select(m => Ref($"#/channels/{channel}/messages/{m}"))]);
        if (reply is not null)
        {
            operation["reply"] = new JsonObject
            {
                ["channel"] = Ref($"#/channels/{channel}"),
                ["messages"] = new JsonArray(Ref($"#/channels/{channel}/messages/{reply}")),
            };
        }

        Operations[key] = more.MoveInto(operation);
    }
}
