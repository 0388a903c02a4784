using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>
/// Writes the whole contract as one JSON document: a JSON Schema 2020-12 for every type under <c>$defs</c>, and beside them which
/// events, hub methods, client methods and error codes there are. The schemas that are served and the comparison of versions start here.
/// </summary>
internal static class JsonSchemaWriter
{
    public const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    public static JsonObject Write(ContractDocs docs)
    {
        ContractSchemas schemas = new(docs, static name => $"#/$defs/{name}");
        return new JsonObject
        {
            ["$schema"] = Dialect,
            ["title"] = "HubService contract",
            ["version"] = ContractVersion.Documents,
            ["events"] = new JsonObject(ContractCatalog.Catalogs.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Kind.Name, Events(c)))),
            ["hubs"] = new JsonObject(ContractCatalog.Hubs.Select(h => KeyValuePair.Create<string, JsonNode?>(h.Address, Hub(schemas.Builder, h)))),
            ["errors"] = new JsonObject(ErrorCodes.All.Order(StringComparer.Ordinal).Select(code => KeyValuePair.Create<string, JsonNode?>(
                code, new JsonObject { ["status"] = ErrorCodes.HttpStatus(code), ["retryable"] = ErrorCodes.IsRetryable(code) }))),
            ["sent"] = Names(schemas.Sent),
            ["received"] = Names(schemas.Received),
            ["$defs"] = new JsonObject(schemas.Definitions().Select(d => KeyValuePair.Create<string, JsonNode?>(d.Name, d.Schema))),
        };
    }

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(n => JsonValue.Create(n))]);

    private static JsonObject Events(EventCatalog catalog) => new(catalog.All.Select(d => KeyValuePair.Create<string, JsonNode?>(d.Type, new JsonObject
    {
        ["payload"] = d.Payload.Name,
        ["envelope"] = ContractSchemas.EnvelopeName(d),
        ["client_method"] = d.ClientMethod,
        ["critical"] = d.Critical,
    })));

    private static JsonObject Hub(SchemaBuilder schemas, HubDefinition hub) => new()
    {
        ["methods"] = new JsonObject(ContractTypes.HubMethods(hub.Hub).Select(m => KeyValuePair.Create<string, JsonNode?>(m.Name, new JsonObject
        {
            ["parameters"] = new JsonArray([.. m.GetParameters().Select(schemas.Parameter)]),
            ["stream"] = ContractTypes.IsStream(m.ReturnType),
            ["result"] = schemas.Use(ContractTypes.Result(m.ReturnType), sent: false),
        }))),
        ["asks_workers"] = new JsonObject(ContractTypes.WorkerMethods(hub.Client).Select(m => KeyValuePair.Create<string, JsonNode?>(
            m.Name, schemas.Use(m.GetParameters()[0].ParameterType, sent: false)))),
    };
}
