using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;

namespace HubService.Contracts.Schema;

/// <summary>Every schema of the contract that has a name: its types, the envelope of each event, the unions of envelopes.</summary>
/// <param name="reference">As that of the builder.</param>
internal sealed class ContractSchemas(ContractDocs docs, Func<string, string> reference)
{
    private readonly HashSet<Type> _received = SchemaBuilder.Reachable([.. ContractTypes.Received, .. ContractTypes.Payloads]);

    /// <summary>How a single type or parameter is written.</summary>
    public SchemaBuilder Builder { get; } = new(docs, reference);

    /// <summary>Every type that stands under a name of its own, in the order of the names.</summary>
    public IEnumerable<Type> Named => SchemaBuilder.Reachable(ContractTypes.Sent).Concat(_received).Where(ContractTypes.IsNamed).Distinct().OrderBy(t => t.Name, StringComparer.Ordinal);

    /// <summary>The names of what clients write; with <see cref="Received"/> an event payload is in both.</summary>
    public IEnumerable<string> Sent => Named.Where(Builder.IsSent).Select(t => t.Name);

    /// <summary>The names of what clients read.</summary>
    public IEnumerable<string> Received =>
        Named.Where(_received.Contains).Select(t => t.Name).Concat(ContractCatalog.Everything.Select(EnvelopeName)).Order(StringComparer.Ordinal);

    /// <summary>Every schema with a name of its own: the types, the envelope of each event, and the three unions of envelopes.</summary>
    public IEnumerable<(string Name, JsonObject Schema)> Definitions()
    {
        IEnumerable<(string Name, JsonObject Schema)> all =
        [
            .. Named.Select(t => (t.Name, Builder.Definition(t))),
            .. ContractCatalog.Everything.Select(d => (EnvelopeName(d), Envelope(d))),
            ("AgentEnvelope", Envelope("AgentEnvelope", typeof(AgentEvent<JsonElement>))),
            ("ProjectEnvelope", Envelope("ProjectEnvelope", typeof(ProjectEvent<JsonElement>))),
            ("SessionEnvelope", Envelope("SessionEnvelope", typeof(SessionEvent<JsonElement>))),
            ("AgentEvent", Union("AgentEvent", "Any event of a thread or user stream.", ContractCatalog.Agents)),
            ("ProjectEvent", Union("ProjectEvent", "Any event of a project stream that ships; a pipeline may add names of its own.", ContractCatalog.Projects)),
            ("SessionEvent", Union("SessionEvent", "Anything a connection is told about itself.", ContractCatalog.Sessions)),
        ];
        return all.OrderBy(d => d.Name, StringComparer.Ordinal);
    }

    public static string EnvelopeName(EventDefinition definition) => definition.Payload.Name + "Event";

    private JsonObject Union(string title, string text, EventCatalog catalog) => new()
    {
        ["title"] = title,
        ["description"] = text,
        ["oneOf"] = new JsonArray([.. catalog.All.Select(d => new JsonObject { ["$ref"] = reference(EnvelopeName(d)) })]),
    };

    /// <summary>The envelope of an event with its payload; <c>type</c> or <c>event.name</c> is the event's own.</summary>
    public JsonObject Envelope(EventDefinition definition)
    {
        JsonObject schema = new() { ["title"] = EnvelopeName(definition) };
        if (docs.Of(definition.Payload) is { } text)
        {
            schema["description"] = text;
        }

        bool project = definition.StreamKind == StreamKind.Project;
        JsonObject own = new()
        {
            [project ? "name" : "type"] = new JsonObject { ["const"] = definition.Type },
            ["payload"] = new JsonObject { ["$ref"] = reference(definition.Payload.Name) },
        };
        schema["allOf"] = new JsonArray(new JsonObject
        {
            ["$ref"] = reference(project ? "ProjectEnvelope" : definition.StreamKind is null ? "SessionEnvelope" : "AgentEnvelope"),
        });
        schema["properties"] = project ? new JsonObject { ["event"] = new JsonObject { ["properties"] = own } } : own;
        return schema;
    }

    private JsonObject Envelope(string title, Type record)
    {
        JsonObject schema = new() { ["title"] = title, ["description"] = docs.Of(record) };
        SchemaBuilder.Append(schema, Builder.Record(ContractJson.Options.GetTypeInfo(record)));
        schema["properties"]!["v"] = new JsonObject { ["const"] = ContractVersion.Wire };
        return schema;
    }
}
