using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HubService.Contracts.Schema.Rules;

namespace HubService.Contracts.Agents;

/// <summary>A user's message. Without <c>thread_id</c> a thread is created.</summary>
/// <param name="Text">1 to 32,000 characters.</param>
/// <param name="MessageId">Makes a retry safe: the same id is accepted once.</param>
/// <param name="Target"><c>guide</c>, <c>liaison:{pillar}</c> or an agent name. Without it the guide answers when one is there.</param>
public sealed record SendMessage(
    [Characters(32_000)] string Text,
    ThreadId? ThreadId = null,
    [IdText] string? MessageId = null,
    [AgentAddress] string? Target = null,
    FileRef? File = null,
    IReadOnlyList<FileRef>? Attachments = null,
    JsonObject? Metadata = null);

public sealed record MessageAccepted : HubResult
{
    public ThreadId? ThreadId { get; init; }

    public string? MessageId { get; init; }

    public long? Seq { get; init; }

    public bool Duplicate { get; init; }

    /// <summary>The run that will answer, when the message was routed to an agent.</summary>
    public RunId? RunId { get; init; }
}

/// <summary>Asks for a run without a chat message.</summary>
/// <param name="Agent">As <see cref="SendMessage.Target"/>; <c>guide</c> when absent.</param>
public sealed record StartAgent(
    [NotEmpty] string UserRequest,
    ThreadId? ThreadId = null,
    [AgentAddress] string? Agent = null,
    JsonObject? Context = null,
    JsonObject? Settings = null);

public sealed record RunAccepted : HubResult
{
    public ThreadId? ThreadId { get; init; }

    public RunId? RunId { get; init; }
}

public sealed record CreateThread(string? Title = null, IReadOnlyList<string>? Members = null, string? Realm = null, JsonObject? Metadata = null);

/// <summary>A thread as its owner and members see it.</summary>
public sealed record ThreadInfo(
    ThreadId ThreadId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Title,
    string Owner,
    IReadOnlyList<string> Members,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Realm,
    DateTimeOffset CreatedAt);

public sealed record ThreadResult : HubResult
{
    public ThreadInfo? Thread { get; init; }
}

public sealed record ThreadList : HubResult
{
    public IReadOnlyList<ThreadInfo> Threads { get; init => field = value ?? []; } = [];
}

/// <summary>The hub asks a worker to run an agent. The worker publishes <c>agent_started</c> with this run_id.</summary>
public sealed record RunRequest(
    RunId RunId,
    ThreadId ThreadId,
    string UserId,
    string Agent,
    string UserRequest,
    JsonObject? Context = null,
    JsonObject? Settings = null);

/// <summary>The hub hands a worker a user's message. The worker answers in a run with this run_id.</summary>
public sealed record MessageRequest(
    RunId RunId,
    ThreadId ThreadId,
    string UserId,
    string Agent,
    string MessageId,
    string Text,
    FileRef? File = null,
    JsonObject? Metadata = null);

/// <summary>The hub asks a worker to stop a run; it answers with <c>agent_completed</c> status <c>cancelled</c>, or the hub does.</summary>
public sealed record CancelRequest(RunId RunId, ThreadId ThreadId, string? Reason = null);

/// <summary>An event as a publisher sends it; see <see cref="AgentEvent{TPayload}"/> for what the hub adds.</summary>
/// <param name="AgentName">1 to 256 characters.</param>
[Draft("thread_id", "The thread that is published to; on a user's stream the thread that the event is about.")]
public sealed record NewAgentEvent(
    [Characters(64)] string Type,
    [AnyObject] JsonElement Payload,
    [IdText] string? EventId = null,
    [AgentRun] RunId? RunId = null,
    [Characters(256)] string? AgentName = null,
    JsonObject? Metadata = null);

/// <summary>Changes a thread; what is absent stays.</summary>
public sealed record ThreadChange(string? Title = null);
