using HubService.Contracts.Projects;

namespace HubService.Projects;

/// <summary>Bound from <c>Projects</c>.</summary>
internal sealed class ProjectOptions
{
    /// <summary>
    /// <c>lenient</c>: a stage IN_PROGRESS may be confirmed, as the published clients do, by its name if a worker is at work on it; <c>strict</c>: only one that is
    /// WAITING_CONFIRMATION.
    /// </summary>
    public string Confirm { get; set; } = "lenient";

    /// <summary>A confirmation that names no stage and comes this soon after a confirmation or a restart is refused: it was meant for the stage before. Zero allows it.</summary>
    public TimeSpan ConfirmPause { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Pipelines with stages of their own; the first whose pattern matches a project's id is its pipeline.</summary>
    public IList<PipelineOptions> Pipelines { get; } = [];

    /// <summary>A worker that was told to cancel must end its run within this time; then the hub does.</summary>
    public TimeSpan CancelTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long work outlives its worker's connection.</summary>
    public TimeSpan DisconnectGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Work published over HTTP ends when no event and no heartbeat came for this long.</summary>
    public TimeSpan HttpLease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a custom command waits for its worker.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest chat text, in characters.</summary>
    public int MaxTextLength { get; set; } = 32_000;

    internal IReadOnlyList<string> StagesOf(string projectId)
    {
        foreach (PipelineOptions pipeline in Pipelines)
        {
            if (pipeline.Stages.Count > 0 && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pipeline.Projects, projectId, ignoreCase: false))
            {
                return [.. pipeline.Stages];
            }
        }

        return DefaultStages.All;
    }
}

/// <summary>The stages of some projects.</summary>
internal sealed class PipelineOptions
{
    /// <summary>Which projects have stages of their own: an id in which <c>*</c> stands for any characters. The first pipeline that matches counts.</summary>
    public string Projects { get; set; } = "*";

    /// <summary>The stages of these projects, in order.</summary>
    public IList<string> Stages { get; } = [];
}
