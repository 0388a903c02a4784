using System.Text.Json;
using System.Text.Json.Serialization;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Streams;

namespace HubService.Projects;

/// <summary>What nodes ask each other about projects.</summary>
internal static class ProjectCalls
{
    public static readonly NodeCall<ProjectCall, CommandResult> Confirm = Command("projects.confirm");
    public static readonly NodeCall<ProjectCall, CommandResult> Restart = Command("projects.restart");
    public static readonly NodeCall<ProjectCall, CommandResult> Cancel = Command("projects.cancel");
    public static readonly NodeCall<ProjectCall, Accepted> Chat = new("projects.chat", ProjectNodesJson.Default.ProjectCall, ContractJson.Default.Accepted);
    public static readonly NodeCall<ProjectCall, LeaseResult> Heartbeat = new("projects.heartbeat", ProjectNodesJson.Default.ProjectCall, ContractJson.Default.LeaseResult);
    public static readonly NodeCall<ProjectCall, WorkerFound> Worker = new("projects.worker", ProjectNodesJson.Default.ProjectCall, ProjectNodesJson.Default.WorkerFound);
    public static readonly NodeCall<CommandAnswer, Accepted> Complete = new("projects.complete", ProjectNodesJson.Default.CommandAnswer, ContractJson.Default.Accepted);

    private static NodeCall<ProjectCall, CommandResult> Command(string topic) => new(topic, ProjectNodesJson.Default.ProjectCall, ContractJson.Default.CommandResult);
}

/// <param name="Argument">The stage, the run or the text.</param>
internal sealed record ProjectCall(Principal Caller, StreamKey Project, string? Argument = null);

/// <summary>Who hears of a project's chats and commands.</summary>
internal sealed record WorkerFound : HubResult
{
    public string? Handle { get; init; }
}

/// <summary>What a worker answers to a custom command.</summary>
/// <param name="Result">A command's result, as the contract writes it.</param>
internal sealed record CommandAnswer(string Worker, string CommandId, JsonElement Result);

/// <summary>Whose work a project's attempt is.</summary>
internal sealed record WorkHeld(StreamKey Project, string Handle, int Attempt, bool IsWorker = true);

[JsonSerializable(typeof(ProjectCall))]
[JsonSerializable(typeof(WorkerFound))]
[JsonSerializable(typeof(CommandAnswer))]
[JsonSerializable(typeof(WorkHeld))]
[JsonSerializable(typeof(ProjectWorker[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(StreamKeyConverter)])]
internal sealed partial class ProjectNodesJson : JsonSerializerContext;
