using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>An object of any fields; it stays raw JSON because its event decides what it is.</summary>
internal sealed class AnyObjectAttribute : FieldRuleAttribute
{
    public override string? Violation(object value) => value is JsonElement { ValueKind: JsonValueKind.Object } ? null : "must be an object";

    public override void Describe(JsonObject schema) =>
        schema["type"] = "object";
}
