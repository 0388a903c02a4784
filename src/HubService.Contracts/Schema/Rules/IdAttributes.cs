using System.Text.Json.Nodes;

namespace HubService.Contracts.Schema.Rules;

/// <summary>An id that is plain text in C#, too.</summary>
internal sealed class IdTextAttribute : FieldRuleAttribute
{
    internal const string Rule = "must be 1 to 128 letters, digits, dots, underscores or hyphens";
    internal const string Pattern = "[A-Za-z0-9._-]{1,128}";

    public override string? Violation(object value) => Ids.IsValid(value as string) ? null : Rule;

    public override void Describe(JsonObject schema) =>
        schema["pattern"] = $"^{Pattern}$";
}

/// <summary>The id of a run of an agent, which shows by its beginning that it is one.</summary>
internal sealed class AgentRunAttribute : FieldRuleAttribute
{
    public override string? Violation(object value) =>
        value is RunId run && run.Value.StartsWith(RunId.Prefix, StringComparison.Ordinal) ? null : $"must start with {RunId.Prefix}";

    public override void Describe(JsonObject schema) =>
        schema["pattern"] = $"^{RunId.Prefix}";
}

/// <summary>Who is addressed: <c>guide</c>, <c>liaison:{pillar}</c> or an agent name.</summary>
internal sealed class AgentAddressAttribute : FieldRuleAttribute
{
    public override string? Violation(object value) => Ids.IsAddress(value as string) ? null : "must be guide, liaison:{pillar} or an agent name";

    public override void Describe(JsonObject schema) =>
        schema["pattern"] = $"^({Ids.LiaisonPrefix})?{IdTextAttribute.Pattern}$";
}
