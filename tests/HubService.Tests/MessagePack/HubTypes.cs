using System.Reflection;
using System.Text.Json;
using HubService.Agents;
using HubService.Projects;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Tests.MessagePack;

/// <summary>Binds to the methods of both hubs, as SignalR does on a connection on which one stream is open.</summary>
internal sealed class HubTypes : IInvocationBinder
{
    public const string OpenStream = "s1";

    private static readonly Dictionary<string, Type[]> Methods = new[] { typeof(AgentHub), typeof(ProjectHub) }
        .SelectMany(h => h.GetMethods(BindingFlags.Public | BindingFlags.Instance))
        .Where(m => m.DeclaringType!.Namespace!.StartsWith("HubService", StringComparison.Ordinal) && !m.IsSpecialName)
        .GroupBy(m => m.Name, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(g => g.Key, g => g.First().GetParameters().Select(p => p.ParameterType).Where(t => !t.Name.StartsWith("IAsyncEnumerable", StringComparison.Ordinal)).ToArray(), StringComparer.OrdinalIgnoreCase);

    public Type GetReturnType(string invocationId) => invocationId == OpenStream ? typeof(JsonElement) : throw new InvalidOperationException("No such call.");

    public IReadOnlyList<Type> GetParameterTypes(string methodName) => Methods.TryGetValue(methodName, out Type[]? types) ? types : throw new HubException("No such method.");

    public Type GetStreamItemType(string streamId) => streamId == OpenStream ? typeof(JsonElement) : throw new KeyNotFoundException("No such stream.");
}
