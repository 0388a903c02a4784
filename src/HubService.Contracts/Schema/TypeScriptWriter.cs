using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts.Agents;
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
        foreach (Type type in _schemas.Named)
        {
            Named(type);
        }

        Events("Agent", "type", ContractCatalog.Agents, typeof(AgentEvent<JsonElement>), typeof(NewAgentEvent));
        Events("Project", "name", ContractCatalog.Projects, typeof(ProjectEvent<JsonElement>), typeof(NewProjectEvent));
        Events("Session", "type", ContractCatalog.Sessions, typeof(SessionEvent<JsonElement>), null);
        Names("criticalEventTypes", "The agent events whose order and presence are guaranteed per run.", ContractCatalog.Agents.All.Where(d => d.Critical).Select(d => d.Type));
        Names("stageStatuses", "What a stage can be in.", StageStatuses.All);
        Names("defaultStages", "The stages of the default pipeline.", DefaultStages.All);
        TypeScriptHubs hubs = new(_docs, _schemas.Builder);
        _text.Append(hubs.Session());
        _text.Append(hubs.Hub("Agent", typeof(IAgentHub), typeof(IAgentClient)));
        _text.Append(hubs.Hub("Project", typeof(IProjectHub), typeof(IProjectClient)));
    }

    private void Errors()
    {
        Line("/** Every error code with the HTTP status that carries it; retryable: the same request may succeed later, unchanged. */");
        Line("export const errorCodes = {");
        foreach (FieldInfo constant in typeof(ErrorCodes).GetFields().Where(f => f.IsLiteral).OrderBy(f => f.MetadataToken))
        {
            string code = (string)constant.GetRawConstantValue()!;
            _text.Append(TypeScriptTypes.Doc(_docs.OfConstant(constant), "  "));
            Line($"  {code}: {{ status: {ErrorCodes.HttpStatus(code)}, retryable: {(ErrorCodes.IsRetryable(code) ? "true" : "false")} }},");
        }

        Line("} as const;");
        Line();
        Line("export type ErrorCode = keyof typeof errorCodes;");
        Line();
    }

    private void Named(Type type)
    {
        if (type == typeof(NewAgentEvent) || type == typeof(NewProjectEvent))
        {
            return;
        }

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

    private void Events(string kind, string key, EventCatalog catalog, Type envelope, Type? draft)
    {
        string plural = key == "name" ? "Names" : "Types";
        string type = key == "name" ? $"{kind}EventName" : $"{kind}EventType";
        Line($"/** The payload of each event by its {key}. */");
        Line($"export interface {kind}PayloadMap {{");
        foreach (EventDefinition d in catalog.All)
        {
            Line($"  {d.Type}: {d.Payload.Name};");
        }

        Line("}");
        Line();
        Line($"export type {type} = keyof {kind}PayloadMap;");
        Line();
        Template(envelope, $"{kind}Envelope<TType extends {type}>", key, $"{kind}PayloadMap[TType]");
        Line($"/** Each event by its {key}, as it arrives. */");
        Line($"export type {kind}EventMap = {{ readonly [TType in {type}]: {kind}Envelope<TType> }};");
        Line();
        Line($"/** Any event; narrows on `{(key == "name" ? "event.name" : key)}`. */");
        Line($"export type {kind}Event = {kind}EventMap[{type}];");
        Line();
        if (draft is not null)
        {
            Template(draft, $"New{kind}EventOf<TType extends {type}>", key, $"{kind}PayloadMap[TType]");
            Line($"export type New{kind}Event = {{ [TType in {type}]: New{kind}EventOf<TType> }}[{type}];");
            Line();
        }

        Names(string.Create(CultureInfo.InvariantCulture, $"{char.ToLowerInvariant(kind[0])}{kind[1..]}Event{plural}"), null, catalog.All.Select(d => d.Type), type);
        if (key == "type")
        {
            Line($"/** The client method that carries each {kind.ToLowerInvariant()} event. */");
            Line($"export const {kind.ToLowerInvariant()}EventMethods = {{");
            foreach (EventDefinition d in catalog.All)
            {
                Line($"  {d.Type}: \"{d.ClientMethod}\",");
            }

            Line($"}} as const satisfies Readonly<Record<{type}, string>>;");
            Line();
        }
    }

    /// <summary>A record that carries any payload, made generic over the event.</summary>
    private void Template(Type record, string declaration, string key, string payload)
    {
        JsonObject schema = _schemas.Builder.Record(ContractJson.Options.GetTypeInfo(record));
        Dictionary<string, string> instead = new() { [key] = "TType", ["payload"] = payload, ["v"] = "typeof contractVersion" };
        if (((JsonObject)schema["properties"]!).ContainsKey("event"))
        {
            instead["event"] = $"{{ readonly name: TType; readonly payload: {payload} }}";
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
