using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>A number that counts or measures something: zero or more.</summary>
internal sealed class NotNegativeAttribute : FieldRuleAttribute
{
    public override string? Violation(object value) => FieldRules.Number(value) < 0 ? "must not be negative" : null;

    public override void Describe(JsonObject schema) =>
        schema["minimum"] = 0;
}

/// <summary>A share of a whole, 0 to 1.</summary>
internal sealed class ShareAttribute : FieldRuleAttribute
{
    public override string? Violation(object value) => FieldRules.Number(value) is < 0 or > 1 ? "must be between 0 and 1" : null;

    public override void Describe(JsonObject schema)
    {
        schema["minimum"] = 0;
        schema["maximum"] = 1;
    }
}

/// <summary>A percentage, 0 to 100.</summary>
internal sealed class PercentAttribute : FieldRuleAttribute
{
    public override string? Violation(object value) => FieldRules.Number(value) is < 0 or > 100 ? "must be between 0 and 100" : null;

    public override void Describe(JsonObject schema)
    {
        schema["minimum"] = 0;
        schema["maximum"] = 100;
    }
}
