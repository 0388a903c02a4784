using System.Text.Json.Nodes;
using HubService.Contracts.Projects;

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

/// <summary>One of <see cref="StageStatuses"/>.</summary>
internal sealed class OneOfStageStatusesAttribute() : OneOfAttribute([.. StageStatuses.All]);
