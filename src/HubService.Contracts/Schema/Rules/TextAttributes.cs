using System.Globalization;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>A text of at least one character.</summary>
internal sealed class NotEmptyAttribute : FieldRuleAttribute
{
    public override string? Violation(object value) => value is "" ? "must not be empty" : null;

    public override void Describe(JsonObject schema) =>
        schema["minLength"] = 1;
}

/// <summary>A text of 1 to so many characters, counted as Unicode code points.</summary>
internal sealed class CharactersAttribute(int max) : FieldRuleAttribute
{
    public int Max { get; } = max;

    public override string? Violation(object value) =>
        value is string text && (text.Length == 0 || Texts.IsLonger(text, Max))
            ? string.Create(CultureInfo.InvariantCulture, $"must have 1 to {Max:N0} characters")
            : null;

    public override void Describe(JsonObject schema)
    {
        schema["minLength"] = 1;
        schema["maxLength"] = Max;
    }
}
