using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>An id that is plain text in C#, too.</summary>
internal sealed class IdTextAttribute : FieldRuleAttribute
{
    internal const string Rule = "must be 1 to 128 letters, digits, dots, underscores or hyphens";
    internal const string Pattern = "[A-Za-z0-9._-]{1,128}";

    public override string? Violation(object value) => Ids.IsValid(value as string) ? null : Rule;

    public override void Describe(JsonObject schema)
    {
        schema["pattern"] = $"^{Pattern}$";
    }
}

/// <summary>Who is addressed: <c>guide</c>, <c>liaison:{pillar}</c> or an agent name.</summary>
internal sealed class AgentAddressAttribute : FieldRuleAttribute
{
    private const string Liaison = "liaison:";

    public override string? Violation(object value) => value is string name && IsAddress(name) ? null : "must be guide, liaison:{pillar} or an agent name";

    /// <summary>Can an agent be served or addressed under this name?</summary>
    public static bool IsAddress(string name) =>
        Ids.IsValid(name.StartsWith(Liaison, StringComparison.Ordinal) ? name[Liaison.Length..] : name);

    public override void Describe(JsonObject schema)
    {
        schema["pattern"] = $"^({Liaison})?{IdTextAttribute.Pattern}$";
    }
}

/// <summary>An object of any fields; it stays raw JSON because its event decides what it is.</summary>
internal sealed class AnyObjectAttribute : FieldRuleAttribute
{
    public override string? Violation(object value) => value is JsonElement { ValueKind: JsonValueKind.Object } ? null : "must be an object";

    public override void Describe(JsonObject schema) =>
        schema["type"] = "object";
}
