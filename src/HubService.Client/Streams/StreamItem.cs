using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using HubService.Contracts.Schema;

namespace HubService.Client;

/// <summary>
/// What a subscription yields, in order: events (<see cref="AgentStreamEvent"/>, <see cref="ProjectStreamEvent"/>),
/// <see cref="HistoryLost"/> or <see cref="Reset"/>, and on projects <see cref="ProjectGreeting"/>.
/// </summary>
/// <param name="Position">Pass it to SubscribeAsync to go on after this item, also in another process.</param>
public abstract record StreamItem(StreamPosition Position)
{
    /// <summary>The events <paramref name="From"/>..<paramref name="To"/> are gone by retention; what follows is contiguous.</summary>
    public sealed record HistoryLost(StreamPosition Position, long From, long To) : StreamItem(Position);

    /// <summary>The stream goes on under another epoch: discard what was received above <paramref name="LastValid"/>.</summary>
    public sealed record Reset(StreamPosition Position, string Epoch, long LastValid) : StreamItem(Position);
}

/// <summary>An event of a thread.</summary>
public sealed record AgentStreamEvent(StreamPosition Position, AgentEvent<JsonElement> Envelope) : StreamItem(Position)
{
    private object? _payload;

    /// <summary>The wire name, e.g. <c>agent_started</c>.</summary>
    public string Type => Envelope.Type;

    /// <summary>The run it belongs to; null for what belongs to the thread alone.</summary>
    public RunId? RunId => Envelope.RunId;

    /// <summary>The payload record of the type, e.g. <c>AgentStarted</c>, for <c>switch</c>; the raw <see cref="JsonElement"/> for a type or shape this client does not know.</summary>
    public object Payload => _payload ??= Wire.Payload(ContractCatalog.Agents, Envelope.Type, Envelope.Payload);

    /// <summary>The payload as <typeparamref name="T"/>, or null when the event is of another type.</summary>
    public T? As<T>()
        where T : class => Payload as T;
}

/// <summary>An event of a project.</summary>
public sealed record ProjectStreamEvent(StreamPosition Position, ProjectEvent<JsonElement> Envelope) : StreamItem(Position)
{
    private object? _payload;

    /// <summary>The wire name, e.g. <c>STAGE_STATUS</c>.</summary>
    public string Name => Envelope.Event.Name;

    /// <summary>The payload record of the name, e.g. <c>StageStatus</c>, for <c>switch</c>; the raw <see cref="JsonElement"/> for a name or shape this client does not know.</summary>
    public object Payload => _payload ??= Wire.Payload(ContractCatalog.Projects, Envelope.Event.Name, Envelope.Event.Payload);

    /// <summary>The payload as <typeparamref name="T"/>, or null when the event has another name.</summary>
    public T? As<T>()
        where T : class => Payload as T;
}

/// <summary>
/// What the hub tells a joiner of a project before the missed events: HELLO, the current STAGE_STATUS, a pending
/// WAITING_CONFIRMATION. It takes no seq and repeats after every reconnect; the position is the subscriber's own.
/// </summary>
public sealed record ProjectGreeting(StreamPosition Position, ProjectEvent<JsonElement> Envelope) : StreamItem(Position)
{
    /// <summary>The wire name, e.g. <c>STAGE_STATUS</c>.</summary>
    public string Name => Envelope.Event.Name;

    /// <summary>As <see cref="ProjectStreamEvent.Payload"/>.</summary>
    public object Payload => Wire.Payload(ContractCatalog.Projects, Envelope.Event.Name, Envelope.Event.Payload);
}
