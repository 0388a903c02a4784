using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using HubService.Contracts;

namespace HubService.Client;

/// <summary>Finds the payload record of a wire name: its PascalCase in the contract's namespace, the rule the whole catalog keeps.</summary>
internal static class PayloadTypes
{
    private static readonly ConcurrentDictionary<(string Kind, string Name), Type?> Found = new();

    public static object ReadAgent(string type, JsonElement payload) => Read("Agents", type, payload);

    public static object ReadProject(string name, JsonElement payload) => Read("Projects", name, payload);

    private static object Read(string kind, string name, JsonElement payload) =>
        Found.GetOrAdd((kind, name), static key => typeof(RunId).Assembly.GetType($"HubService.Contracts.{key.Kind}.{Pascal(key.Name)}")) is { } type
            ? payload.Deserialize(type, Wire.Json) ?? payload
            : payload;

    private static string Pascal(string name) =>
        string.Concat(name.Split('_').Where(w => w.Length > 0).Select(w => char.ToUpper(w[0], CultureInfo.InvariantCulture) + w[1..].ToLowerInvariant()));
}
