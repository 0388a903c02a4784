using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Projects;

/// <summary>The first event of a training run.</summary>
/// <param name="Config">Free, e.g. <c>{task_type, target, split{seed, test_size}, preprocess, train{steps, epochs}}</c>.</param>
public sealed record TrainRunStarted(string RunId, string ModelId, string MetricPrimary, JsonObject? Config = null);

/// <summary>A step of a training run, or a bare <c>{progress, message}</c>.</summary>
/// <param name="Step">0-based or 1-based, rises by 1 to <c>steps</c>.</param>
/// <param name="EtaS">Seconds left; null when unknown.</param>
/// <param name="Phase"><c>init</c>, <c>fit</c>, <c>eval</c> or <c>finalize</c>.</param>
/// <param name="Progress">Percent, 0 to 100.</param>
public sealed record TrainProgress(
    string? RunId = null,
    int? Epoch = null,
    int? Epochs = null,
    [NotNegative] long? Step = null,
    [NotNegative] long? Steps = null,
    double? EtaS = null,
    string? Phase = null,
    [Percent] double? Progress = null,
    string? Message = null);

/// <summary>One point of a metric's curve.</summary>
/// <param name="Split"><c>train</c>, <c>val</c> or <c>test</c>.</param>
public sealed record MetricScalar(string RunId, [NotEmpty] string Name, string Split, [NotNegative] long Step, double Value);

/// <summary>What a run uses: percent, megabytes.</summary>
public sealed record ResourceStats(
    string RunId,
    double CpuPct,
    double RamMb,
    double? GpuPct = null,
    double? VramMb = null,
    double? StepPerSec = null);

/// <summary>One line of a run's log; <c>run_id</c> is <c>chat</c> for the conversation and <c>system</c> for the hub.</summary>
/// <param name="Level"><c>info</c>, <c>warn</c> or <c>error</c>, in any case.</param>
/// <param name="Source">E.g. <c>chat</c>.</param>
public sealed record LogLine(string RunId, [NotEmpty] string Level, string Text, string? Source = null);

/// <summary>The last event of a training run.</summary>
/// <param name="FinalMetrics">Numbers by name, or <c>{task_type, primary{name, split, value}, metrics[]}</c>.</param>
public sealed record TrainRunFinished(string RunId, TrainStatus Status, JsonObject? FinalMetrics = null);

/// <summary>How a training run ended.</summary>
[JsonConverter(typeof(WireEnumConverter<TrainStatus>))]
public enum TrainStatus
{
    Success,
    Failed,
    Cancelled,
}
