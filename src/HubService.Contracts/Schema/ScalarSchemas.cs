using System.Text.Json.Nodes;
using HubService.Contracts.Projects;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Schema;

/// <summary>The schemas of what is written by a converter: plain values, times, ids, enums. They say what the converters accept.</summary>
internal static class ScalarSchemas
{
    /// <summary>ISO 8601 with or without a time, seconds and an offset, as System.Text.Json reads it.</summary>
    private const string Time =
        @"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,16})?)?(Z|[+-]([01]\d|2[0-3])(:[0-5]\d)?)?)?$";

    /// <summary>Null when the type is an object, a list or a map. A new object for every call.</summary>
    public static JsonObject? Of(Type type, bool sent) => type switch
    {
        _ when ContractTypes.IsAny(type) => [],
        _ when type == typeof(JsonObject) => new() { ["type"] = "object" },
        _ when type == typeof(string) => new() { ["type"] = "string" },
        _ when type == typeof(bool) => new() { ["type"] = "boolean" },
        _ when !sent && (type == typeof(int) || type == typeof(long)) => new() { ["type"] = "integer" },
        _ when !sent && type == typeof(DateTimeOffset) => new() { ["type"] = "string", ["format"] = "date-time" },
        _ when type == typeof(int) => new() { ["type"] = "integer", ["minimum"] = int.MinValue, ["maximum"] = int.MaxValue },
        _ when type == typeof(long) => new() { ["type"] = "integer", ["minimum"] = long.MinValue, ["maximum"] = long.MaxValue },
        _ when type == typeof(double) => new() { ["type"] = "number" },
        _ when type == typeof(DateTimeOffset) => new() { ["type"] = "string", ["pattern"] = Time },
        _ when type == typeof(StreamPosition) => new() { ["type"] = "string", ["pattern"] = @"^[A-Za-z0-9._-]{0,128}:\d{1,19}$" },
        _ when type == typeof(MetricValue) => Metric(),
        { IsEnum: true } => new() { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(n => JsonValue.Create(ContractNames.ToWire(n)))]) },
        _ when type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IId<>)) =>
            new() { ["type"] = "string", ["pattern"] = $"^{IdTextAttribute.Pattern}$" },
        _ => null,
    };

    private static JsonObject Metric()
    {
        JsonObject text = new() { ["type"] = new JsonArray("string", "null") };
        JsonObject full = new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["name"] = text, ["split"] = text.DeepClone(), ["value"] = new JsonObject { ["type"] = "number" } },
            ["required"] = new JsonArray("value"),
        };
        return new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "number" }, full) };
    }
}
