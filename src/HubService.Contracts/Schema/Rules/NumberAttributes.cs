using System.Globalization;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>A rule for a number of whichever C# type; on a text it would be a fault of the contract.</summary>
internal abstract class NumberRuleAttribute : FieldRuleAttribute
{
    public sealed override string? Violation(object value) => Violation(Convert.ToDouble(value, CultureInfo.InvariantCulture));

    protected abstract string? Violation(double value);
}

/// <summary>A number that counts or measures something: zero or more.</summary>
internal sealed class NotNegativeAttribute : NumberRuleAttribute
{
    public override void Describe(JsonObject schema) =>
        schema["minimum"] = 0;

    protected override string? Violation(double value) => value < 0 ? "must not be negative" : null;
}

/// <summary>A share of a whole, 0 to 1.</summary>
internal sealed class ShareAttribute : NumberRuleAttribute
{
    public override void Describe(JsonObject schema)
    {
        schema["minimum"] = 0;
        schema["maximum"] = 1;
    }

    protected override string? Violation(double value) => value is < 0 or > 1 ? "must be between 0 and 1" : null;
}

/// <summary>A percentage, 0 to 100.</summary>
internal sealed class PercentAttribute : NumberRuleAttribute
{
    public override void Describe(JsonObject schema)
    {
        schema["minimum"] = 0;
        schema["maximum"] = 100;
    }

    protected override string? Violation(double value) => value is < 0 or > 100 ? "must be between 0 and 100" : null;
}
