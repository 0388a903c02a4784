using System.Text.Json;
using HubService.Contracts.Schema;

namespace HubService.Contracts.Agents;

/// <summary>
/// The methods of <c>/hubs/agent</c>. Every answer carries an error or a result. Events and requests travel as raw JSON
/// (<see cref="JsonElement"/>), so that a wrong field is answered by name instead of failing to bind.
/// </summary>
public interface IAgentHub
{
    /// <summary>Joins a thread. Without a position only what comes from now on is sent.</summary>
    /// <param name="threadId">A <see cref="ThreadId"/>.</param>
    /// <param name="position"><c>epoch:seq</c>, everything after it is replayed; <c>:0</c> replays from the beginning.</param>
    Task<SubscribeResult> Subscribe(string threadId, string? position = null);

    Task<Accepted> Unsubscribe(string threadId);

    /// <param name="message">A <see cref="Agents.SendMessage"/>.</param>
    Task<MessageAccepted> SendMessage([Carries(typeof(SendMessage))] JsonElement message);

    /// <param name="request">A <see cref="Agents.StartAgent"/>.</param>
    Task<RunAccepted> StartAgent([Carries(typeof(StartAgent))] JsonElement request);

    Task<Accepted> StopAgent(string runId, string? reason = null);

    Task<Accepted> CancelRun(string runId, string? reason = null);

    /// <summary>Answers an open input_requested.</summary>
    /// <param name="value">Any JSON value.</param>
    /// <param name="threadId">The thread that asked. Without it the answer is refused when several threads of the caller hold an open request of this id.</param>
    Task<Accepted> ProvideInput(string requestId, JsonElement value, string? threadId = null);

    /// <param name="request">A <see cref="Agents.CreateThread"/>.</param>
    Task<ThreadResult> CreateThread([Carries(typeof(CreateThread))] JsonElement request);

    Task<Accepted> RenameThread(string threadId, string title);

    Task<Accepted> DeleteThread(string threadId);

    Task<ThreadList> ListThreads();

    /// <summary>A page of the thread, oldest first; <paramref name="before"/> pages back, <paramref name="after"/> forward.</summary>
    Task<EventPage> GetHistory(string threadId, string? after = null, string? before = null, int? limit = null);

    /// <param name="events">An array of <see cref="NewAgentEvent"/>.</param>
    Task<PublishResults> Publish(string threadId, [Carries(typeof(NewAgentEvent[]))] JsonElement events);

    /// <summary>The same for a stream of events; answers one result per event, in order.</summary>
    IAsyncEnumerable<PublishResult> PublishStream(string threadId, [Carries(typeof(NewAgentEvent))] IAsyncEnumerable<JsonElement> events);

    /// <summary>Registers this connection as a worker: <c>guide</c>, <c>liaison:{pillar}</c> or agent names.</summary>
    /// <param name="capacity">How many runs at once, 1 to 1,000.</param>
    Task<Accepted> ServeAgents(IReadOnlyList<string> names, int capacity);

    Task<LeaseResult> Heartbeat(string runId);

    Task<Pong> Ping(long ts);

    Task<TokenRefreshed> RefreshToken(string token);
}
