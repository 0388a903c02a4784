using System.Collections.Immutable;
using TrainingPipeline.Chat;
using TrainingPipeline.Datasets;
using TrainingPipeline.Learning;
using TrainingPipeline.Stages;

namespace TrainingPipeline;

/// <summary>What the stages of one project have found so far, and what a person asked for.</summary>
public sealed class PipelineContext(string projectId)
{
    public string ProjectId => projectId;

    /// <summary>What the project is for, in a person's words; null until somebody said it.</summary>
    public string? Prompt { get; internal set; }

    internal HyperparameterChanges Changes { get; set; } = new();

    /// <summary>The model a person insists on; null leaves the choice to the trials.</summary>
    internal string? ModelChoice { get; set; }

    internal Intent? Intent { get; set; }

    internal DataSet? Data { get; set; }

    internal DataProfile? Profile { get; set; }

    internal PreparedData? Prepared { get; set; }

    internal Candidate? Model { get; set; }

    internal ImmutableList<Trial> Leaderboard { get; set; } = [];

    internal TrainedRun? Run { get; set; }

    internal string? ReportUrl { get; set; }

    internal ExportedModel? Export { get; set; }
}
