using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>The generated documents as they ship in this assembly.</summary>
public static class PublishedContract
{
    private static readonly Lazy<JsonObject> Contract = new(static () => (JsonObject)JsonNode.Parse(Resource("contract.json"))!);

    /// <summary>The AsyncAPI 3.0 document, UTF-8.</summary>
    public static byte[] AsyncApi() => Resource("asyncapi.json");

    /// <summary>The names of all schemas, in order; each is also the name of a record, an envelope or a union.</summary>
    public static IEnumerable<string> SchemaNames => Definitions.Select(d => d.Key);

    /// <summary>
    /// A JSON Schema 2020-12 that stands alone: what it refers to is under its <c>$defs</c>. Null when no schema has the name.
    /// </summary>
    /// <param name="id">The schema's <c>$id</c>, e.g. where it is served.</param>
    public static JsonObject? Schema(string name, string id)
    {
        if (Definitions[name] is not JsonObject definition)
        {
            return null;
        }

        SortedDictionary<string, JsonNode> needed = new(StringComparer.Ordinal);
        Collect(definition, needed);
        JsonObject schema = new() { ["$schema"] = JsonSchemaWriter.Dialect, ["$id"] = id };
        ((JsonObject)definition.DeepClone()).MoveInto(schema);
        if (needed.Count > 0)
        {
            schema["$defs"] = new JsonObject(needed.Select(n => KeyValuePair.Create<string, JsonNode?>(n.Key, n.Value.DeepClone())));
        }

        return schema;
    }

    /// <summary>The list of what there is: the version, each event with its schemas, each schema with where it is served.</summary>
    /// <param name="url">Where the schema of a name is served.</param>
    public static JsonObject Index(Func<string, string> url) => new()
    {
        ["version"] = Contract.Value["version"]!.DeepClone(),
        ["events"] = Contract.Value["events"]!.DeepClone(),
        ["schemas"] = new JsonArray([.. Definitions.Select(d => new JsonObject
        {
            ["name"] = d.Key,
            ["description"] = d.Value!["description"]?.DeepClone(),
            ["url"] = url(d.Key),
        })]),
    };

    private static JsonObject Definitions => (JsonObject)Contract.Value["$defs"]!;

    private static void Collect(JsonNode? node, SortedDictionary<string, JsonNode> needed)
    {
        if (node is JsonObject schema)
        {
            if (schema["$ref"]?.GetValue<string>().Split('/')[^1] is { } name && needed.TryAdd(name, Definitions[name]!))
            {
                Collect(Definitions[name], needed);
            }

            foreach ((_, JsonNode? value) in schema)
            {
                Collect(value, needed);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (JsonNode? item in list)
            {
                Collect(item, needed);
            }
        }
    }

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(PublishedContract).Assembly.GetManifestResourceStream(name)!;
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
