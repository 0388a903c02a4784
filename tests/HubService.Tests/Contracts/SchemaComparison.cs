using System.Text.Json.Nodes;

namespace HubService.Tests.Contracts;

/// <summary>
/// Finds what breaks a client between two JSON Schemas of one type. What a client sends must not become narrower, what it reads must
/// not become wider; a payload is both.
/// </summary>
/// <param name="sent">Clients write it.</param>
/// <param name="received">Clients read it.</param>
internal sealed class SchemaComparison(bool sent, bool received, List<string> breaks)
{
    private static readonly string[] Rules = ["pattern", "anyOf", "if", "then", "allOf", "const"];

    public void Compare(string path, JsonObject before, JsonObject after)
    {
        (JsonObject old, bool oldNull) = WithoutNull(before);
        (JsonObject now, bool nowNull) = WithoutNull(after);
        Check(sent && oldNull && !nowNull, path, "null is no longer accepted");
        Check(received && !oldNull && nowNull, path, "may be null now");
        if (!SameType(path, old, now))
        {
            return;
        }

        Values(path, old, now);
        Bounds(path, old, now);
        Fields(path, old, now);
        foreach (string part in new[] { "items", "additionalProperties" })
        {
            if (old[part] is JsonObject a && now[part] is JsonObject b)
            {
                Compare($"{path}[]", a, b);
            }
        }
    }

    private bool SameType(string path, JsonObject old, JsonObject now)
    {
        string? a = Type(old), b = Type(now);
        bool wider = b is null || (a == "integer" && b == "number"), narrower = a is null || (a == "number" && b == "integer");
        Check(a != b && !(wider && !received) && !(narrower && !sent), path, $"type {a ?? "any"} became {b ?? "any"}");
        return a == b;
    }

    private void Values(string path, JsonObject old, JsonObject now)
    {
        HashSet<string>? a = Enum(old), b = Enum(now);
        Check(sent && a is null && b is not null, path, "only certain values are accepted now");
        Check(received && a is not null && b is null, path, "may be any value now");
        foreach (string gone in a is null || b is null ? [] : a.Except(b))
        {
            breaks.Add($"{path}: the value {gone} is gone");
        }
    }

    private void Bounds(string path, JsonObject old, JsonObject now)
    {
        foreach (string rule in new[] { "minimum", "minLength" })
        {
            Check(sent && (double?)now[rule] is { } min && !((double?)old[rule] >= min), path, $"{rule} rose from {Text(old[rule])} to {Text(now[rule])}");
        }

        foreach (string rule in new[] { "maximum", "maxLength" })
        {
            Check(sent && (double?)now[rule] is { } max && !((double?)old[rule] <= max), path, $"{rule} fell from {Text(old[rule])} to {Text(now[rule])}");
        }

        foreach (string rule in Rules)
        {
            Check(sent && now[rule] is not null && !JsonNode.DeepEquals(old[rule], now[rule]), path, $"a new rule, {rule}: {Text(now[rule])}");
            Check(received && old[rule] is not null && !JsonNode.DeepEquals(old[rule], now[rule]), path, $"{rule} was {Text(old[rule])}, is {Text(now[rule])}");
        }
    }

    private void Fields(string path, JsonObject old, JsonObject now)
    {
        JsonObject a = old["properties"] as JsonObject ?? [], b = now["properties"] as JsonObject ?? [];
        HashSet<string> neededBefore = Required(old), neededNow = Required(now);
        foreach ((string name, JsonNode? field) in a)
        {
            if (b[name] is JsonObject kept)
            {
                Check(sent && neededNow.Contains(name) && !neededBefore.Contains(name), $"{path}.{name}", "is required now");
                Check(received && neededBefore.Contains(name) && !neededNow.Contains(name), $"{path}.{name}", "may be absent now");
                Compare($"{path}.{name}", (JsonObject)field!, kept);
            }
            else
            {
                breaks.Add($"{path}.{name}: the field is gone");
            }
        }

        foreach (string name in b.Select(p => p.Key).Where(n => !a.ContainsKey(n)))
        {
            Check(sent && neededNow.Contains(name), $"{path}.{name}", "a new field that is required");
        }
    }

    private void Check(bool broken, string path, string what)
    {
        if (broken)
        {
            breaks.Add($"{path}: {what}");
        }
    }

    private static string? Type(JsonObject schema) => ((string?)schema["$ref"])?.Split('/')[^1] ?? (string?)schema["type"];

    private static HashSet<string>? Enum(JsonObject schema) => (schema["enum"] as JsonArray)?.OfType<JsonNode>().Select(v => v.ToJsonString()).ToHashSet();

    private static HashSet<string> Required(JsonObject schema) => [.. (schema["required"] as JsonArray ?? []).Select(r => (string)r!)];

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "nothing";

    /// <summary>The three ways in which a schema says that null is one of its values.</summary>
    private static (JsonObject Schema, bool Nullable) WithoutNull(JsonObject schema)
    {
        if (schema["anyOf"] is JsonArray { Count: 2 } any && (string?)any[1]!["type"] == "null")
        {
            return ((JsonObject)any[0]!, true);
        }

        if (schema["type"] is JsonArray types)
        {
            JsonObject bare = (JsonObject)schema.DeepClone();
            bare["type"] = types[0]!.DeepClone();
            return (bare, true);
        }

        return (schema, false);
    }
}
