using System.Text.Json.Nodes;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Client;

/// <summary>One request to a worker: a run somebody asked for, or a user's message to answer in a run.</summary>
public sealed class AgentWork
{
    private readonly AgentClient _client;
    private readonly Lazy<AgentRun> _run;

    private AgentWork(AgentClient client, CancellationToken cancelled)
    {
        _client = client;
        Cancelled = cancelled;
        _run = new Lazy<AgentRun>(() => _client.OpenRun(ThreadId, RunId, new RunStart(Agent, Summary(Text)), cancelled));
    }

    /// <summary>The hub's id of the run.</summary>
    public RunId RunId { get; private init; }

    /// <summary>The thread to answer in.</summary>
    public ThreadId ThreadId { get; private init; }

    /// <summary>The subject of the user who asked.</summary>
    public string UserId { get; private init; } = "";

    /// <summary>The name that was asked for, one of those served.</summary>
    public string Agent { get; private init; } = "";

    /// <summary>What the user wrote or asked for.</summary>
    public string Text { get; private init; } = "";

    /// <summary>The message that was sent; null when a run was asked for without one.</summary>
    public string? MessageId { get; private init; }

    /// <summary>The file that came with the message, if any.</summary>
    public FileRef? File { get; private init; }

    /// <summary>The request's context, or the message's metadata.</summary>
    public JsonObject? Context { get; private init; }

    /// <summary>The request's settings; null for a message.</summary>
    public JsonObject? Settings { get; private init; }

    /// <summary>The run with the hub's run id. It starts (<c>agent_started</c>) with the first thing published in it.</summary>
    public AgentRun Run => _run.Value;

    internal CancellationToken Cancelled { get; }

    internal static AgentWork From(RunRequest r, AgentClient client, CancellationToken cancelled) => new(client, cancelled)
    {
        RunId = r.RunId,
        ThreadId = r.ThreadId,
        UserId = r.UserId,
        Agent = r.Agent,
        Text = r.UserRequest,
        Context = r.Context,
        Settings = r.Settings,
    };

    internal static AgentWork From(MessageRequest r, AgentClient client, CancellationToken cancelled) => new(client, cancelled)
    {
        RunId = r.RunId,
        ThreadId = r.ThreadId,
        UserId = r.UserId,
        Agent = r.Agent,
        Text = r.Text,
        MessageId = r.MessageId,
        File = r.File,
        Context = r.Metadata,
    };

    private static string Summary(string text) => text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 199), "…");
}
