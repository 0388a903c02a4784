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

    /// <summary>The schema of a record in which the field is there and not null.</summary>
    protected static JsonObject IsSet(string name) => new()
    {
        ["properties"] = new JsonObject { [name] = new JsonObject { ["not"] = new JsonObject { ["type"] = "null" } } },
        ["required"] = new JsonArray(name),
    };
}
