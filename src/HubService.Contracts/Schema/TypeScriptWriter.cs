using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using HubService.Contracts.Projects;

namespace HubService.Contracts.Schema;

/// <summary>Writes the contract as one TypeScript module: types, event unions and maps, hub methods in both directions, lists of names.</summary>
internal sealed class TypeScriptWriter
{
    private readonly ContractDocs _docs;
    private readonly ContractSchemas _schemas;
    private readonly StringBuilder _text = new();

    private TypeScriptWriter(ContractDocs docs)
    {
        _docs = docs;
        _schemas = new ContractSchemas(docs, static name => name);
    }

    /// <summary>The module's text, with line feeds.</summary>
    public static string Write(ContractDocs docs)
    {
        TypeScriptWriter writer = new(docs);
        writer.Module();
        return writer._text.ToString().TrimEnd('\n') + "\n";
    }

    private void Module()
    {
        Line("// Generated from the records of HubService.Contracts; do not edit. PROTOCOL.md there tells how to write it anew.");
        Line("// biome-ignore-all format: generated");
        Line("// A field with `?` may be absent; what clients may send as null says so.");
        Line();
        Line($"export const contractVersion = {ContractVersion.Wire};");
        Line();
        Errors();
        foreach (Type type in _schemas.Named.Except(ContractCatalog.Catalogs.Select(c => c.Kind.Draft)).OfType<Type>())
        {
            Named(type);
        }

        foreach (EventCatalog catalog in ContractCatalog.Catalogs)
        {
            Events(catalog);
        }

        Names("criticalEventTypes", "The agent events whose order and presence are guaranteed per run.", ContractCatalog.Agents.All.Where(d => d.Critical).Select(d => d.Type));
        Names("stageStatuses", "What a stage can be in.", StageStatuses.All);
        Names("defaultStages", "The stages of the default pipeline.", DefaultStages.All);
        TypeScriptHubs hubs = new(_docs, _schemas.Builder);
        _text.Append(hubs.Session());
        foreach (HubDefinition hub in ContractCatalog.Hubs)
        {
            _text.Append(hubs.Hub(hub));
        }
    }

    private void Errors()
    {
        Line("const codes = {");
        foreach (FieldInfo constant in typeof(ErrorCodes).GetFields().Where(f => f.IsLiteral).OrderBy(f => f.MetadataToken))
        {
            string code = (string)constant.GetRawConstantValue()!;
            _text.Append(TypeScriptTypes.Doc(_docs.OfConstant(constant), "  "));
            Line($"  {code}: {{ status: {ErrorCodes.HttpStatus(code)}, retryable: {(ErrorCodes.IsRetryable(code) ? "true" : "false")} }},");
        }

        Line("} as const;");
        Line();
        Line("export type ErrorCode = keyof typeof codes;");
        Line();
        Line("/** Every error code with the HTTP status that carries it; retryable: the same request may succeed later, unchanged. Undefined for a code of a later service. */");
        Line("export const errorCodes: typeof codes & { readonly [code: string]: { readonly status: number; readonly retryable: boolean } | undefined } = codes;");
        Line();
    }

    private void Named(Type type)
    {
        JsonObject schema = _schemas.Builder.Definition(type);
        _text.Append(TypeScriptTypes.Doc(schema, ""));
        if (schema["properties"] is null)
        {
            Line($"export type {type.Name} = {TypeScriptTypes.Of(schema)};");
        }
        else
        {
            Line($"export interface {type.Name}{(type == typeof(EventPage) ? "<TEvent = unknown>" : "")} {{");
            _text.Append(TypeScriptTypes.Fields(schema, "  ", Instead(type)));
            Line("}");
        }

        Line();
    }

    /// <summary>Where TypeScript can say more than the schema.</summary>
    private static Dictionary<string, string>? Instead(Type type) =>
        type == typeof(HubError) ? new() { ["code"] = "ErrorCode | (string & Record<never, never>)" }
        : type == typeof(EventPage) ? new() { ["events"] = "readonly TEvent[]" }
        : null;

    private void Events(EventCatalog catalog)
    {
        EventKind kind = catalog.Kind;
        string noun = ContractNames.ToPascal(kind.TypeField), type = $"{kind.Pascal}Event{noun}", payload = $"{kind.Pascal}PayloadMap[TType]";
        Line($"/** The payload of each event by its {kind.TypeField}. */");
        Line($"export interface {kind.Pascal}PayloadMap {{");
        foreach (EventDefinition d in catalog.All)
        {
            Line($"  {d.Type}: {d.Payload.Name};");
        }

        Line("}");
        Line();
        Line($"export type {type} = keyof {kind.Pascal}PayloadMap;");
        Line();
        Template(kind, kind.Envelope, $"{kind.EnvelopeName}<TType extends {type}>", payload);
        Line($"/** Each event by its {kind.TypeField}, as it arrives. */");
        Line($"export type {kind.UnionName}Map = {{ readonly [TType in {type}]: {kind.EnvelopeName}<TType> }};");
        Line();
        Line($"/** Any event; narrows on `{(kind.Body is null ? "" : $"{kind.Body}.")}{kind.TypeField}`. */");
        Line($"export type {kind.UnionName} = {kind.UnionName}Map[{type}];");
        Line();
        if (kind.Draft is { } draft)
        {
            Template(kind, draft, $"{draft.Name}Of<TType extends {type}>", payload);
            Line($"export type {draft.Name} = {{ [TType in {type}]: {draft.Name}Of<TType> }}[{type}];");
            Line();
        }

        Names($"{kind.Name}Event{noun}s", null, catalog.All.Select(d => d.Type), type);
        if (catalog.HasMethodPerEvent)
        {
            Methods(catalog, type);
        }
    }

    private void Methods(EventCatalog catalog, string type)
    {
        Line($"/** The client method that carries each {catalog.Kind.Name} event. */");
        Line($"export const {catalog.Kind.Name}EventMethods = {{");
        foreach (EventDefinition d in catalog.All)
        {
            Line($"  {d.Type}: \"{d.ClientMethod}\",");
        }

        Line($"}} as const satisfies Readonly<Record<{type}, string>>;");
        Line();
    }

    /// <summary>A record that carries any payload of a kind, made generic over the event.</summary>
    private void Template(EventKind kind, Type record, string declaration, string payload)
    {
        JsonObject schema = _schemas.Builder.Record(ContractJson.Options.GetTypeInfo(record));
        Dictionary<string, string> instead = new() { ["v"] = "typeof contractVersion" };
        if (kind.Body is { } body && ((JsonObject)schema["properties"]!).ContainsKey(body))
        {
            instead[body] = $"{{ readonly {kind.TypeField}: TType; readonly payload: {payload} }}";
        }
        else
        {
            instead[kind.TypeField] = "TType";
            instead["payload"] = payload;
        }

        _text.Append(TypeScriptTypes.Doc(_docs.Of(record), ""));
        Line($"export interface {declaration} {{");
        _text.Append(TypeScriptTypes.Fields(schema, "  ", instead));
        Line("}");
        Line();
    }

    private void Names(string name, string? text, IEnumerable<string> values, string? type = null)
    {
        _text.Append(TypeScriptTypes.Doc(text, ""));
        Line($"export const {name} = [");
        foreach (string value in values)
        {
            Line($"  \"{value}\",");
        }

        Line(type is null ? "] as const;" : $"] as const satisfies readonly {type}[];");
        Line();
    }

    private void Line(string text = "") => _text.Append(text).Append('\n');
}
