using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <summary>The envelope of an event on a project stream.</summary>
/// <param name="V">Contract version, 1.</param>
/// <param name="Type"><c>EVENT</c>, or <c>HELLO</c> for the greeting of a joiner, which carries the head's seq.</param>
/// <param name="Seq">1-based, gapless within (project, epoch).</param>
/// <param name="Ts">When the hub accepted it, unix milliseconds.</param>
public sealed record ProjectEvent<TPayload>(
    int V,
    [OneOf("EVENT", "HELLO")] string Type,
    ProjectId ProjectId,
    long Seq,
    string Epoch,
    long Ts,
    string EventId,
    StageRef Stage,
    NamedEvent<TPayload> Event);

public sealed record NamedEvent<TPayload>(string Name, TPayload Payload);

/// <summary>The project's current stage when the event was accepted.</summary>
/// <param name="Index">0-based place in the pipeline.</param>
/// <param name="Status">One of <see cref="StageStatuses"/>.</param>
public sealed record StageRef(string Id, int Index, [OneOfStageStatuses] string Status);

/// <summary>What a stage can be in.</summary>
public static class StageStatuses
{
    public const string Pending = "PENDING";
    public const string InProgress = "IN_PROGRESS";
    public const string WaitingConfirmation = "WAITING_CONFIRMATION";
    public const string Completed = "COMPLETED";
    public const string Failed = "FAILED";
    public const string Skipped = "SKIPPED";

    public static readonly IReadOnlyList<string> All = [Pending, InProgress, WaitingConfirmation, Completed, Failed, Skipped];
}

/// <summary>The default pipeline.</summary>
public static class DefaultStages
{
    public static readonly IReadOnlyList<string> All =
        ["PARSE_INTENT", "DATA_SOURCE", "PROFILE_DATA", "PREPROCESS", "MODEL_SELECT", "TRAIN", "REVIEW_EDIT", "EXPORT"];
}
