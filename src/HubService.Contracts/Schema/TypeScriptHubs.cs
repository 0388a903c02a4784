using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>Writes the methods of the hubs and of their clients as TypeScript interfaces.</summary>
internal sealed class TypeScriptHubs(ContractDocs docs, SchemaBuilder schemas)
{
    /// <summary>What both hubs may tell any connection.</summary>
    public string Session()
    {
        StringBuilder text = new(TypeScriptTypes.Doc(docs.Of(typeof(ISessionClient)), ""));
        text.Append("export interface SessionClientMethods {\n");
        EventMethods(text, ContractCatalog.Sessions);
        return text.Append("}\n\n").ToString();
    }

    public string Hub(HubDefinition hub)
    {
        StringBuilder text = new(TypeScriptTypes.Doc(docs.Of(hub.Hub), ""));
        text.Append("export interface ").Append(hub.Kind.Pascal).Append("HubMethods {\n");
        foreach (MethodInfo method in ContractTypes.HubMethods(hub.Hub))
        {
            HubMethod(text, hub.Kind, method);
        }

        text.Append("}\n\n");
        text.Append(TypeScriptTypes.Doc(docs.Of(hub.Client), ""));
        text.Append("export interface ").Append(hub.Kind.Pascal).Append("ClientMethods extends SessionClientMethods {\n");
        if (hub.Events.HasMethodPerEvent)
        {
            EventMethods(text, hub.Events);
        }
        else
        {
            MethodInfo method = hub.Client.GetMethod(hub.Events.All[0].ClientMethod)!;
            text.Append(Doc(method)).Append("  ").Append(method.Name).Append("(event: ").Append(hub.Kind.UnionName).Append("): void;\n");
        }

        foreach (MethodInfo method in ContractTypes.WorkerMethods(hub.Client))
        {
            ParameterInfo request = method.GetParameters()[0];
            text.Append(Doc(method)).Append("  ").Append(method.Name).Append('(').Append(request.Name).Append(": ").Append(request.ParameterType.Name).Append("): void;\n");
        }

        return text.Append("}\n\n").ToString();
    }

    private void HubMethod(StringBuilder text, EventKind kind, MethodInfo method)
    {
        string result = ContractTypes.Result(method.ReturnType).Name;
        string answer = result == nameof(EventPage) ? $"{result}<{kind.UnionName}>" : result;
        IEnumerable<string> parameters = method.GetParameters().Select(p => $"{p.Name}{(p.HasDefaultValue ? "?" : "")}: {Type(p)}");
        text.Append(Doc(method)).Append("  ").Append(method.Name).Append('(').AppendJoin(", ", parameters).Append("): ")
            .Append(ContractTypes.IsStream(method.ReturnType) ? "AsyncIterable" : "Promise").Append('<').Append(answer).Append(">;\n");
    }

    private string Type(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        Type? carried = parameter.GetCustomAttribute<CarriesAttribute>()?.Type;
        if (ContractTypes.IsStream(type))
        {
            return $"AsyncIterable<{(carried ?? ContractTypes.Result(type)).Name}>";
        }

        return TypeScriptTypes.Of((JsonObject)schemas.Parameter(parameter)["schema"]!);
    }

    private void EventMethods(StringBuilder text, EventCatalog catalog)
    {
        foreach (EventDefinition d in catalog.All)
        {
            text.Append(TypeScriptTypes.Doc(docs.Of(d.Payload), "  "))
                .Append("  ").Append(d.ClientMethod).Append("(event: ").Append(catalog.Kind.UnionName).Append("Map[\"").Append(d.Type).Append("\"]): void;\n");
        }
    }

    /// <summary>The summary of a method with what is said of its parameters.</summary>
    private string Doc(MethodInfo method)
    {
        IEnumerable<string> parameters = method.GetParameters().Select(p => docs.Of(p) is { } said ? $"@param {p.Name} {said}" : null).OfType<string>();
        string[] lines = [.. new[] { docs.Of(method) }.OfType<string>(), .. parameters];
        return lines.Length switch
        {
            0 => "",
            1 => TypeScriptTypes.Doc(lines[0], "  "),
            _ => $"  /**\n{string.Concat(lines.Select(l => $"   * {l}\n"))}   */\n",
        };
    }
}
