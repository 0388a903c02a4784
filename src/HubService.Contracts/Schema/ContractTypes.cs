using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;

namespace HubService.Contracts.Schema;

/// <summary>The types of the contract by who writes them: what clients send is read leniently, what the hub sends is exact.</summary>
internal static class ContractTypes
{
    /// <summary>Written by clients; an optional field may be absent or null. With event payloads, which are forwarded as they came.</summary>
    public static IEnumerable<Type> Sent =>
    [
        .. Payloads,
        .. ContractCatalog.Catalogs.Select(c => c.Kind.Draft).OfType<Type>(),
        typeof(SendMessage), typeof(StartAgent), typeof(CreateThread), typeof(ThreadChange), typeof(ConfirmRequest), typeof(CommandBody),
    ];

    /// <summary>Written by publishers and read by subscribers.</summary>
    public static IEnumerable<Type> Payloads => ContractCatalog.Agents.All.Concat(ContractCatalog.Projects.All).Select(d => d.Payload);

    /// <summary>Written by the hub; an optional field is absent when it has no value, never null unless it says so.</summary>
    public static IEnumerable<Type> Received =>
    [
        .. ContractCatalog.Catalogs.Select(c => c.Kind.Envelope),
        .. ContractCatalog.Sessions.All.Select(d => d.Payload),
        .. ContractCatalog.Hubs.SelectMany(h => HubMethods(h.Hub)).Select(m => Result(m.ReturnType)),
        .. ContractCatalog.Hubs.SelectMany(h => WorkerMethods(h.Client)).Select(m => m.GetParameters()[0].ParameterType),
        typeof(PresenceResult), typeof(HubError),
    ];

    public static IEnumerable<MethodInfo> HubMethods(Type hub) => hub.GetMethods().OrderBy(m => m.MetadataToken);

    /// <summary>What a hub asks of workers: the client methods that carry no event.</summary>
    public static IEnumerable<MethodInfo> WorkerMethods(Type client) =>
        client.GetMethods().OrderBy(m => m.MetadataToken).Where(m => !m.GetParameters()[0].ParameterType.IsGenericType);

    /// <summary>The type inside <c>Task&lt;T&gt;</c> or <c>IAsyncEnumerable&lt;T&gt;</c>.</summary>
    public static Type Result(Type returned) => returned.GetGenericArguments()[0];

    public static bool IsStream(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    /// <summary>Does the type stand under a name of its own in every document?</summary>
    public static bool IsNamed(Type type) =>
        type.Assembly == typeof(ContractTypes).Assembly && type is { IsGenericType: false, IsArray: false };

    public static bool IsAny(Type type) => type == typeof(JsonElement) || type == typeof(JsonNode) || type == typeof(object);

    /// <summary>The types and whatever their fields are made of.</summary>
    public static HashSet<Type> Reachable(IEnumerable<Type> roots)
    {
        HashSet<Type> seen = [];
        Stack<Type> next = new(roots);
        while (next.TryPop(out Type? type))
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (seen.Add(type) && ScalarSchemas.Of(type, sent: false) is null)
            {
                JsonTypeInfo info = ContractJson.Options.GetTypeInfo(type);
                IEnumerable<Type> inner = info.ElementType is { } element ? [element] : info.Properties.Where(p => !p.IsExtensionData).Select(p => p.PropertyType);
                foreach (Type t in inner)
                {
                    next.Push(t);
                }
            }
        }

        return seen;
    }
}
