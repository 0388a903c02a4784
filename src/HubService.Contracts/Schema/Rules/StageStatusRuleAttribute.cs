using System.Text.Json.Nodes;
using HubService.Contracts.Projects;

namespace HubService.Contracts.Schema.Rules;

/// <summary>The <c>status</c> must be one of <see cref="StageStatuses"/> as soon as there is a <c>stage_id</c> whose status it is.</summary>
internal sealed class StageStatusRuleAttribute : RecordRuleAttribute
{
    private const string Stage = "stage_id";
    private const string Status = "status";

    private static readonly OneOfStageStatusesAttribute OneOf = new();

    public override (string Field, string Rule)? Violation(Func<string, object?> valueOf) =>
        valueOf(Stage) is not null && OneOf.Violation(valueOf(Status) ?? "") is { } broken ? (Status, broken) : null;

    public override void Describe(JsonObject schema)
    {
        JsonObject status = [];
        OneOf.Describe(status);
        schema["if"] = IsSet(Stage);
        schema["then"] = new JsonObject
        {
            ["properties"] = new JsonObject { [Status] = status },
            ["required"] = new JsonArray(Status),
        };
    }
}
