using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>Every schema of the contract that has a name: its types, the envelope of each event, the unions of envelopes.</summary>
internal sealed class ContractSchemas
{
    private readonly ContractDocs _docs;
    private readonly Func<string, string> _reference;

    /// <param name="reference">As that of the builder.</param>
    public ContractSchemas(ContractDocs docs, Func<string, string> reference)
    {
        _docs = docs;
        _reference = reference;
        Builder = new SchemaBuilder(docs, reference);
        HashSet<Type> received = ContractTypes.Reachable([.. ContractTypes.Received, .. ContractTypes.Payloads]);
        Named = [.. ContractTypes.Reachable(ContractTypes.Sent).Union(received).Where(ContractTypes.IsNamed).OrderBy(t => t.Name, StringComparer.Ordinal)];
        Sent = [.. Named.Where(Builder.IsSent).Select(t => t.Name)];
        Received = [.. Named.Where(received.Contains).Select(t => t.Name).Concat(ContractCatalog.Everything.Select(EnvelopeName)).Order(StringComparer.Ordinal)];
    }

    /// <summary>How a single type or parameter is written.</summary>
    public SchemaBuilder Builder { get; }

    /// <summary>Every type that stands under a name of its own, in the order of the names.</summary>
    public IReadOnlyList<Type> Named { get; }

    /// <summary>The names of what clients write; with <see cref="Received"/> an event payload is in both.</summary>
    public IReadOnlyList<string> Sent { get; }

    /// <summary>The names of what clients read.</summary>
    public IReadOnlyList<string> Received { get; }

    public static string EnvelopeName(EventDefinition definition) => definition.Payload.Name + "Event";

    /// <summary>All of them, in the order of the names.</summary>
    public IEnumerable<(string Name, JsonObject Schema)> Definitions()
    {
        IEnumerable<(string Name, JsonObject Schema)> all =
        [
            .. Named.Select(t => (t.Name, Builder.Definition(t))),
            .. ContractCatalog.Catalogs.SelectMany(c => c.All, (c, d) => (EnvelopeName(d), EventEnvelope(c.Kind, d))),
            .. ContractCatalog.Catalogs.Select(c => (c.Kind.EnvelopeName, BaseEnvelope(c.Kind))),
            .. ContractCatalog.Catalogs.Select(c => (c.Kind.UnionName, Union(c))),
        ];
        return all.OrderBy(d => d.Name, StringComparer.Ordinal);
    }

    private JsonObject Union(EventCatalog catalog) => new()
    {
        ["title"] = catalog.Kind.UnionName,
        ["description"] = catalog.Kind.Description,
        ["oneOf"] = new JsonArray([.. catalog.All.Select(d => new JsonObject { ["$ref"] = _reference(EnvelopeName(d)) })]),
    };

    /// <summary>The envelope of an event with its payload; <c>type</c> or <c>event.name</c> is the event's own.</summary>
    private JsonObject EventEnvelope(EventKind kind, EventDefinition definition)
    {
        JsonObject schema = new() { ["title"] = EnvelopeName(definition) };
        schema.AddText("description", _docs.Of(definition.Payload));
        JsonObject own = new()
        {
            [kind.TypeField] = new JsonObject { ["const"] = definition.Type },
            ["payload"] = new JsonObject { ["$ref"] = _reference(definition.Payload.Name) },
        };
        schema["allOf"] = new JsonArray(new JsonObject { ["$ref"] = _reference(kind.EnvelopeName) });
        schema["properties"] = kind.Body is { } body ? new JsonObject { [body] = new JsonObject { ["properties"] = own } } : own;
        return schema;
    }

    /// <summary>The envelope of any event of a kind.</summary>
    private JsonObject BaseEnvelope(EventKind kind)
    {
        JsonObject schema = new() { ["title"] = kind.EnvelopeName };
        schema.AddText("description", _docs.Of(kind.Envelope));
        Builder.Record(ContractJson.Options.GetTypeInfo(kind.Envelope)).MoveInto(schema);
        schema["properties"]!["v"] = new JsonObject { ["const"] = ContractVersion.Wire };
        return schema;
    }
}
