using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>A rule between the fields of a record; like a <see cref="FieldRuleAttribute"/>, for the service to check and for the schema to say.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal abstract class RecordRuleAttribute : Attribute
{
    /// <summary>The field at fault by its wire name and the rule as <c>must …</c>; null when the rule holds.</summary>
    /// <param name="valueOf">The value of a field by its wire name, null when absent.</param>
    public abstract (string Field, string Rule)? Violation(Func<string, object?> valueOf);

    /// <summary>Adds the rule to the JSON Schema of the record.</summary>
    public abstract void Describe(JsonObject schema);
}

/// <summary>One of two optional fields must be there, or both.</summary>
internal sealed class EitherAttribute(string field, string other) : RecordRuleAttribute
{
    public string Field { get; } = field;

    public string Other { get; } = other;

    public override (string Field, string Rule)? Violation(Func<string, object?> valueOf)
    {
        return valueOf(Field) is null && valueOf(Other) is null ? (Field, $"must be set when {Other} is not") : null;
    }

    public override void Describe(JsonObject schema) =>
        schema["anyOf"] = new JsonArray(Set(Field), Set(Other));

    private static JsonObject Set(string name) => new()
    {
        ["properties"] = new JsonObject { [name] = new JsonObject { ["not"] = new JsonObject { ["type"] = "null" } } },
        ["required"] = new JsonArray(name),
    };
}

/// <summary>A field that must be one of a list as soon as another field is there.</summary>
internal abstract class OneOfWhenAttribute(string field, string when, IReadOnlyList<string> values) : RecordRuleAttribute
{
    public override (string Field, string Rule)? Violation(Func<string, object?> valueOf)
    {
        return valueOf(when) is null || values.Contains(valueOf(field) as string, StringComparer.Ordinal) ? null : (field, $"must be one of {string.Join(", ", values)}");
    }

    public override void Describe(JsonObject schema)
    {
        schema["if"] = new JsonObject
        {
            ["properties"] = new JsonObject { [when] = new JsonObject { ["not"] = new JsonObject { ["type"] = "null" } } },
            ["required"] = new JsonArray(when),
        };
        schema["then"] = new JsonObject
        {
            ["properties"] = new JsonObject { [field] = new JsonObject { ["enum"] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]) } },
            ["required"] = new JsonArray(field),
        };
    }
}
