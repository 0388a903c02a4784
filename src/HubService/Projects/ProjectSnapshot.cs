using System.Text.Json.Serialization;

namespace HubService.Projects;

/// <summary>A project's projection as it is saved.</summary>
internal sealed class ProjectSnapshot
{
    public bool Exists { get; set; }

    public List<StageSnapshot> Stages { get; set; } = [];

    /// <summary>Index of the current stage.</summary>
    public int Current { get; set; }

    public PendingSnapshot? Waiting { get; set; }

    /// <summary>Training runs under way.</summary>
    public List<string> OpenRuns { get; set; } = [];

    /// <summary>The newest finished runs, oldest first.</summary>
    public List<string> FinishedRuns { get; set; } = [];

    /// <summary>How many times the current stage changed; tells two confirmations of one state apart.</summary>
    public long Changes { get; set; }

    /// <summary>How many times a person confirmed or restarted a stage: the number of the attempt that may report.</summary>
    public int Attempt { get; set; }

    /// <summary>When the attempt began.</summary>
    public DateTimeOffset AttemptBeganAt { get; set; }
}

internal sealed class StageSnapshot
{
    public string Id { get; set; } = "";

    public string Status { get; set; } = "";

    public string Message { get; set; } = "";
}

internal sealed record PendingSnapshot(string StageId, string Summary, List<string> NextActions);

[JsonSerializable(typeof(ProjectSnapshot))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class ProjectStateJson : JsonSerializerContext;
