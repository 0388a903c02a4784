using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <summary>A stage of a project with its status and the newest message about it.</summary>
public sealed record StageState(string Id, int Index, [OneOfStageStatuses] string Status, string Message);

/// <summary>What a worker asked a person to confirm.</summary>
public sealed record PendingConfirmation(string StageId, string Summary, IReadOnlyList<string> NextActions);

/// <summary>Where a project stands.</summary>
public sealed record ProjectState : HubResult
{
    public ProjectId? ProjectId { get; init; }

    public StageState? CurrentStage { get; init; }

    public IReadOnlyList<StageState> Stages { get; init => field = value ?? []; } = [];

    public PendingConfirmation? WaitingConfirmation { get; init; }

    /// <summary>Everything up to here is in this state.</summary>
    public StreamPosition? Position { get; init; }
}

public sealed record CommandResult : HubResult
{
    /// <summary>What the worker answered to a custom command; the new state for the built-in ones.</summary>
    public JsonElement? Result { get; init; }
}

/// <summary>The hub asks a worker to execute a stage.</summary>
/// <param name="Reason"><c>confirmed</c>, <c>restarted</c> or <c>resumed</c>.</param>
/// <param name="Attempt">
/// Numbers the confirmations and restarts of a project. What the worker reports with it is refused with stage_conflict once a newer
/// attempt has begun; null when nobody has confirmed or restarted a stage yet.
/// </param>
public sealed record StageRequest(ProjectId ProjectId, string StageId, string Reason, int? Attempt = null);

/// <summary>A custom command for the worker; it answers with <c>CompleteCommand(command_id, …)</c>.</summary>
public sealed record CommandRequest(
    ProjectId ProjectId,
    string CommandId,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonObject? Args,
    string UserId);

/// <summary>The hub asks a worker to stop its run; it answers with <c>TRAIN_RUN_FINISHED</c> status <c>cancelled</c>, or the hub does.</summary>
/// <param name="Attempt">The attempt that was under way when the person asked; null before the first. It comes after the attempt's <see cref="StageRequest"/>.</param>
public sealed record ProjectCancelRequest(
    ProjectId ProjectId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? RunId,
    string UserId,
    int? Attempt = null);

public sealed record ChatRequest(ProjectId ProjectId, string Text, string UserId);

/// <summary>An event as a publisher sends it; see <see cref="ProjectEvent{TPayload}"/> for what the hub adds.</summary>
[Draft("project_id", "The project that is published to.")]
public sealed record NewProjectEvent([Characters(64)] string Name, [AnyObject] JsonElement Payload, [IdText] string? EventId = null);

/// <summary>The body of a confirmation over HTTP; may be empty.</summary>
/// <param name="StageId">The stage the person saw.</param>
public sealed record ConfirmRequest(string? StageId = null);

/// <summary>The body of a command over HTTP.</summary>
public sealed record CommandBody(string Name, JsonElement? Args = null);

