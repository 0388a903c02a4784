using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>
/// Writes the AsyncAPI 3.0 document of the service: both hubs, server-sent events and publishing over HTTP. AsyncAPI knows no
/// SignalR, so what a client needs to speak it stands under <c>x-signalr</c>.
/// </summary>
internal static class AsyncApiWriter
{
    public static JsonObject Write(ContractDocs docs)
    {
        ContractSchemas schemas = new(docs, static name => $"#/components/schemas/{name}");
        AsyncApiParts parts = new();
        AsyncApiEvents events = new(docs, parts);
        events.Add();
        foreach (HubDefinition definition in ContractCatalog.Hubs)
        {
            AsyncApiHub hub = new(docs, schemas.Builder, parts, definition);
            hub.Add();
        }

        AsyncApiHttp http = new(parts);
        http.AddMessages();
        http.AddStream(StreamKind.Thread, ContractCatalog.Agents);
        http.AddStream(StreamKind.Project, ContractCatalog.Projects);
        http.AddStream(StreamKind.User, ContractCatalog.Agents);
        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["id"] = "urn:hubservice",
            ["info"] = new JsonObject
            {
                ["title"] = "HubService",
                ["version"] = ContractVersion.Documents,
                ["description"] = "One ordered, durable, replayable stream of events per conversation and per project, over SignalR hubs, server-sent events and HTTP.",
            },
            ["defaultContentType"] = "application/json",
            ["servers"] = Servers(),
            ["channels"] = parts.Channels,
            ["operations"] = parts.Operations,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "JWT" },
                    ["access_token"] = new JsonObject
                    {
                        ["type"] = "httpApiKey",
                        ["in"] = "query",
                        ["name"] = "access_token",
                        ["description"] = "The same token, where a browser cannot set headers.",
                    },
                },
                ["messages"] = parts.Messages,
                ["schemas"] = new JsonObject(schemas.Definitions().Select(d => KeyValuePair.Create<string, JsonNode?>(d.Name, d.Schema))),
            },
        };
    }

    private static JsonObject Servers()
    {
        return new JsonObject
        {
            ["hubs"] = Server("ws", "SignalR over WebSockets; after negotiation also server-sent events and long polling."),
            ["http"] = Server("http", "Publishing and server-sent events."),
        };

        static JsonObject Server(string protocol, string text) => new()
        {
            ["host"] = "{host}",
            ["protocol"] = protocol,
            ["description"] = text,
            ["variables"] = new JsonObject { ["host"] = new JsonObject { ["default"] = "localhost:5080" } },
            ["security"] = new JsonArray(AsyncApiParts.Ref("#/components/securitySchemes/bearer"), AsyncApiParts.Ref("#/components/securitySchemes/access_token")),
        };
    }
}
