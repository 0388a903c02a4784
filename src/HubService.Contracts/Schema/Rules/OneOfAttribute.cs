using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>A text out of a fixed list.</summary>
internal class OneOfAttribute(params string[] values) : FieldRuleAttribute
{
    public IReadOnlyList<string> Values { get; } = values;

    public override string? Violation(object value) =>
        value is string text && Values.Contains(text, StringComparer.Ordinal) ? null : $"must be one of {string.Join(", ", Values)}";

    public override void Describe(JsonObject schema) =>
        schema["enum"] = new JsonArray([.. Values.Select(v => JsonValue.Create(v))]);
}
