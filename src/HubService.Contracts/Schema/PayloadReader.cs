using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Schema;

/// <summary>Reads JSON into a record of the contract and says which field is at fault when that fails.</summary>
public static class PayloadReader
{
    /// <summary>Reads a command such as <see cref="Agents.SendMessage"/>; the fault is named without a prefix.</summary>
    public static bool TryRead<T>(JsonElement json, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out HubError? error)
        where T : class
    {
        bool read = TryRead(json, ContractJson.Options.GetTypeInfo(typeof(T)), "", out object? result, out error);
        value = result as T;
        return read;
    }

    internal static bool TryRead(
        JsonElement json,
        JsonTypeInfo info,
        string root,
        [NotNullWhen(true)] out object? value,
        [NotNullWhen(false)] out HubError? error)
    {
        value = null;
        error = null;
        if (json.ValueKind != JsonValueKind.Object)
        {
            error = HubError.Invalid(root.Length == 0 ? "message" : root, "must be an object");
            return false;
        }

        try
        {
            value = json.Deserialize(info)!;
        }
        catch (JsonException e)
        {
            error = Explain(json, info, root, e);
            return false;
        }

        if (RecordCheck.Violation(value, info) is var (field, rule))
        {
            value = null;
            error = HubError.Invalid(Join(root, field), rule);
            return false;
        }

        return true;
    }

    private static HubError Explain(JsonElement json, JsonTypeInfo info, string root, JsonException e)
    {
        if (e.Message.Contains("depth", StringComparison.Ordinal))
        {
            HubError deep = new(ErrorCodes.NestingTooDeep, $"{(root.Length == 0 ? "message" : root)}: more than {ContractJson.MaxDepth} levels of nesting");
            return deep.With("field", root.Length == 0 ? "message" : root);
        }

        // The serialiser's own words name C# types; a missing or null field is found by walking, which only a refusal pays for.
        if (FirstAbsent(json, info, root) is var (field, rule))
        {
            return HubError.Invalid(field, rule);
        }

        string path = e.Path is { Length: > 2 } p ? p[2..] : "";
        string at = Join(root, path);
        return HubError.Invalid(at.Length == 0 ? "message" : at, e is RefusedValueException ? e.Message : "has the wrong type, or stands twice");
    }

    private static (string Field, string Rule)? FirstAbsent(JsonElement json, JsonTypeInfo info, string at)
    {
        if (info.Kind == JsonTypeInfoKind.Object && json.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonPropertyInfo property in info.Properties)
            {
                string field = Join(at, property.Name);
                if (!json.TryGetProperty(property.Name, out JsonElement value))
                {
                    if (property.IsRequired)
                    {
                        return (field, "is required");
                    }
                }
                else if (value.ValueKind == JsonValueKind.Null && property.IsRequired && !property.IsSetNullable
                    && property.PropertyType != typeof(JsonElement))
                {
                    return (field, "must not be null");
                }
                else if (FirstAbsent(value, ContractJson.Options.GetTypeInfo(property.PropertyType), field) is { } inner)
                {
                    return inner;
                }
            }
        }
        else if (info is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } && json.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in json.EnumerateArray())
            {
                if (FirstAbsent(item, ContractJson.Options.GetTypeInfo(element), $"{at}[{index++}]") is { } inner)
                {
                    return inner;
                }
            }
        }

        return null;
    }

    private static string Join(string at, string field) => at.Length == 0 || field.Length == 0 ? at + field : $"{at}.{field}";
}
