using System.Text.Json;
using System.Text.Json.Serialization;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>What nodes ask each other about threads.</summary>
internal static class AgentCalls
{
    public static readonly NodeCall<SendCall, MessageAccepted> Send = new("agents.send", AgentNodesJson.Default.SendCall, ContractJson.Default.MessageAccepted);
    public static readonly NodeCall<StartCall, RunAccepted> Start = new("agents.start", AgentNodesJson.Default.StartCall, ContractJson.Default.RunAccepted);
    public static readonly NodeCall<RunCall, Accepted> Cancel = new("agents.cancel", AgentNodesJson.Default.RunCall, ContractJson.Default.Accepted);
    public static readonly NodeCall<RunCall, LeaseResult> Heartbeat = new("agents.heartbeat", AgentNodesJson.Default.RunCall, ContractJson.Default.LeaseResult);
    public static readonly NodeCall<InputCall, ThreadsAsked> Inputs = new("agents.inputs", AgentNodesJson.Default.InputCall, AgentNodesJson.Default.ThreadsAsked);
}

/// <param name="Message">As the contract writes it.</param>
/// <param name="Thread">The thread, also where the message begins it.</param>
internal sealed record SendCall(Principal Caller, JsonElement Message, StreamKey Thread);

/// <inheritdoc cref="SendCall"/>
internal sealed record StartCall(Principal Caller, JsonElement Request, StreamKey Thread);

/// <param name="Thread">Null where only the run is known.</param>
/// <param name="Handle">The connection that speaks for the run, or is known to publish it.</param>
/// <param name="Settled">Answered when the rules have heard of what is on its way.</param>
internal sealed record RunCall(Principal Caller, string Run, StreamKey? Thread = null, string? Reason = null, string? Handle = null, bool Settled = false);

internal sealed record InputCall(Principal Caller, string Request);

/// <summary>The threads in which the caller may answer a request.</summary>
internal sealed record ThreadsAsked : HubResult
{
    public IReadOnlyList<StreamKey> Threads { get; init => field = value ?? []; } = [];
}

[JsonSerializable(typeof(RunHolders))]
[JsonSerializable(typeof(SendCall))]
[JsonSerializable(typeof(StartCall))]
[JsonSerializable(typeof(RunCall))]
[JsonSerializable(typeof(InputCall))]
[JsonSerializable(typeof(ThreadsAsked))]
[JsonSerializable(typeof(AgentWorker[]))]
[JsonSerializable(typeof(Dictionary<string, int>))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(StreamKeyConverter)])]
internal sealed partial class AgentNodesJson : JsonSerializerContext;
