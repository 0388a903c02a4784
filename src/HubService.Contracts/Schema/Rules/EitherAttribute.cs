using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>One of two optional fields must be there, or both.</summary>
internal sealed class EitherAttribute(string field, string other) : RecordRuleAttribute
{
    public string Field { get; } = field;

    public string Other { get; } = other;

    public override (string Field, string Rule)? Violation(Func<string, object?> valueOf) =>
        valueOf(Field) is null && valueOf(Other) is null ? (Field, $"must be set when {Other} is not") : null;

    public override void Describe(JsonObject schema) =>
        schema["anyOf"] = new JsonArray(IsSet(Field), IsSet(Other));
}
