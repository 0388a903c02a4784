using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>A rule for a field beyond its type. It is written once here, for the service to check and for the schema to say.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal abstract class FieldRuleAttribute : Attribute
{
    /// <summary>The rule as <c>must …</c> when the value breaks it, else null. A null value is never asked about.</summary>
    public abstract string? Violation(object value);

    /// <summary>Adds the rule to the JSON Schema of the field.</summary>
    public abstract void Describe(JsonObject schema);
}
