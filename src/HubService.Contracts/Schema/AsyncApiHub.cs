using System.Reflection;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>One SignalR hub as a channel: an operation per method with its answer, one per client method.</summary>
internal sealed class AsyncApiHub(ContractDocs docs, SchemaBuilder schemas, AsyncApiParts parts, HubDefinition hub)
{
    private readonly string _key = $"{hub.Kind.Name}_hub";

    public void Add()
    {
        List<string> messages = [];
        EventDefinition[] events = [.. hub.Events.All, .. ContractCatalog.Sessions.All];
        MethodInfo[] methods = [.. ContractTypes.HubMethods(hub.Hub)];
        MethodInfo[] requests = [.. ContractTypes.WorkerMethods(hub.Client)];
        messages.AddRange(events.Select(d => d.Type));
        messages.AddRange(methods.SelectMany(m => new[] { Call(m), Answer(m) }));
        messages.AddRange(requests.Select(Request));
        parts.Channel(_key, hub.Address, "hubs", messages, new JsonObject
        {
            ["title"] = hub.Hub.Name[1..],
            ["description"] = docs.Of(hub.Hub),
            ["bindings"] = new JsonObject { ["ws"] = new JsonObject { ["method"] = "GET", ["bindingVersion"] = "0.1.0" } },
            ["x-signalr"] = new JsonObject
            {
                ["hub"] = hub.Address,
                ["protocols"] = new JsonArray("json", "messagepack"),
                ["transports"] = new JsonArray("WebSockets", "ServerSentEvents", "LongPolling"),
                ["handshake"] = """{"protocol":"json","version":1}""",
                ["record_separator"] = "\u001e",
            },
        });
        foreach (MethodInfo method in methods)
        {
            AddMethod(method);
        }

        foreach (IGrouping<string, EventDefinition> carried in events.GroupBy(d => d.ClientMethod))
        {
            AddClientMethod(carried.Key, carried.Count() == 1 ? docs.Of(carried.First().Payload) : docs.Of(hub.Client.GetMethod(carried.Key)!), carried.Select(d => d.Type));
        }

        foreach (MethodInfo request in requests)
        {
            parts.Message(Request(request), request.Name, docs.Of(request.GetParameters()[0].ParameterType), schemas.Use(request.GetParameters()[0].ParameterType, sent: false), [MethodExamples.Request(hub.Address, request.Name)]);
            AddClientMethod(request.Name, docs.Of(request), [Request(request)]);
        }
    }

    private void AddMethod(MethodInfo method)
    {
        JsonObject[] parameters = [.. method.GetParameters().Select(schemas.Parameter)];
        JsonArray tuple = new([.. parameters.Select(p => p["schema"]!.DeepClone())]);
        JsonObject call = new() { ["type"] = "array", ["minItems"] = parameters.Count(p => p["required"]!.GetValue<bool>()), ["maxItems"] = parameters.Length };
        if (parameters.Length > 0)
        {
            call["items"] = tuple;
        }

        bool sends = parameters.Any(p => p["stream"]!.GetValue<bool>());
        string text = sends ? "The arguments, the last of them one item of the stream." : "The arguments.";
        parts.Message(Call(method), method.Name, text, call, [MethodExamples.Arguments(hub.Address, method.Name)]);
        parts.Message(
            Answer(method), $"{method.Name} answer", null, schemas.Use(ContractTypes.Result(method.ReturnType), sent: false), [MethodExamples.Answer(hub.Address, method.Name)]);
        parts.Operation($"{_key}.{method.Name}", "receive", _key, docs.Of(method), [Call(method)], Answer(method), new JsonObject
        {
            ["x-signalr"] = new JsonObject
            {
                ["target"] = method.Name,
                ["invocation"] = ContractTypes.IsStream(method.ReturnType) ? "stream" : "call",
                ["parameters"] = new JsonArray([.. parameters.Select(p => p["name"]!.DeepClone())]),
            },
        });
    }

    private void AddClientMethod(string name, string? text, IEnumerable<string> messages) =>
        parts.Operation($"{_key}.client.{name}", "send", _key, text, messages, reply: null, new JsonObject
        {
            ["x-signalr"] = new JsonObject { ["target"] = name, ["argument"] = "The message is the only argument." },
        });

    private string Call(MethodInfo method) => $"{_key}.{method.Name}.call";

    private string Answer(MethodInfo method) => $"{_key}.{method.Name}.answer";

    private string Request(MethodInfo method) => $"{_key}.{method.Name}";
}
