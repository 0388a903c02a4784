using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema;

/// <summary>Writes a JSON Schema of the contract as a TypeScript type; knows the keywords that <see cref="SchemaBuilder"/> uses.</summary>
internal static class TypeScriptTypes
{
    public static string Of(JsonObject schema)
    {
        if (schema["$ref"] is { } reference)
        {
            return reference.GetValue<string>().Split('/')[^1];
        }

        if (schema["const"] is { } constant)
        {
            return constant.ToJsonString();
        }

        if (schema["enum"] is JsonArray values)
        {
            return string.Join(" | ", values.Select(v => v?.ToJsonString() ?? "null"));
        }

        return schema["anyOf"] is JsonArray any ? string.Join(" | ", any.Select(s => Of((JsonObject)s!)))
            : schema["type"] is JsonArray types ? string.Join(" | ", types.Select(t => Of(t!.GetValue<string>(), schema)))
            : schema["type"] is { } type ? Of(type.GetValue<string>(), schema)
            : "unknown";
    }

    /// <summary>The fields of an object, indented, with their documentation.</summary>
    public static string Fields(JsonObject schema, string indent, IReadOnlyDictionary<string, string>? instead = null)
    {
        HashSet<string> required = [.. (schema["required"] as JsonArray ?? []).Select(r => r!.GetValue<string>())];
        return string.Concat((schema["properties"] as JsonObject ?? []).Select(p =>
        {
            JsonObject field = (JsonObject)p.Value!;
            string type = instead is not null && instead.TryGetValue(p.Key, out string? other) ? other : Of(field);
            return $"{Doc(field, indent)}{indent}readonly {p.Key}{(required.Contains(p.Key) ? "" : "?")}: {type};\n";
        }));
    }

    public static string Doc(JsonObject schema, string indent) => Doc(schema["description"]?.GetValue<string>(), indent);

    public static string Doc(string? text, string indent) =>
        text is null ? "" : $"{indent}/** {text.Replace("*/", "*\\/", StringComparison.Ordinal)} */\n";

    private static string Of(string type, JsonObject schema) => type switch
    {
        "string" or "boolean" or "null" => type,
        "integer" or "number" => "number",
        "array" => Array(Of((JsonObject)schema["items"]!)),
        "object" when schema["properties"] is not null => $"{{ {Fields(schema, "").TrimEnd('\n').Replace('\n', ' ')} }}",
        "object" => schema["additionalProperties"] is JsonObject values ? $"Readonly<Record<string, {Of(values)}>>" : "Readonly<Record<string, unknown>>",
        _ => throw new NotSupportedException(type),
    };

    private static string Array(string item) => item.Contains(' ', StringComparison.Ordinal) ? $"readonly ({item})[]" : $"readonly {item}[]";
}
