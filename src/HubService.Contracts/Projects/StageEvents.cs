using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <summary>The greeting of a joiner; sent to that connection alone and takes no seq.</summary>
/// <param name="ServerTime">ISO 8601.</param>
public sealed record Hello(string Message, string ProjectId, DateTimeOffset ServerTime);

/// <summary>A stage changed. Pipelines also report steps or results under this name without a stage_id; clients skip those.</summary>
/// <param name="Status">One of <see cref="StageStatuses"/> when stage_id is set.</param>
/// <param name="Attempt">The <see cref="StageRequest.Attempt"/> it belongs to; refused with stage_conflict when another one is under way.</param>
[StageStatusRule]
public sealed record StageStatus(
    string? StageId = null,
    string? Status = null,
    string? Message = null,
    string? Stage = null,
    JsonElement? Details = null,
    JsonElement? Action = null,
    JsonElement? Steps = null,
    int? StepCount = null,
    JsonElement? Evaluation = null,
    JsonElement? Export = null,
    int? Attempt = null);

/// <summary>A stage waits for a person, who answers with Confirm.</summary>
/// <param name="Attempt">As in <see cref="StageStatus"/>.</param>
public sealed record WaitingConfirmation(string StageId, string Summary, IReadOnlyList<string> NextActions, int? Attempt = null);

public sealed record PlanProposed(string StageId, JsonObject PlanJson);

public sealed record PlanApproved(string StageId);
