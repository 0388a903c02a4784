using System.Text.Json;
using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Schema;
using HubService.Delivery;
using HubService.Publishing;

namespace HubService.Agents;

/// <summary>
/// The hub of threads: <c>/hubs/agent</c>. Each method authorises, hands over and answers; what it means is in
/// <see cref="Conversations"/>, <see cref="RunControl"/>, <see cref="Threads"/> and the publisher.
/// </summary>
internal sealed class AgentHub(
    StreamHubServices services,
    EventPublisher publisher,
    Conversations conversations,
    RunControl runs,
    Threads threads,
    AgentWorkers workers,
    ThreadKeeping keeping,
    Handles handles) : StreamHub<IAgentClient>(services), IAgentHub
{
    private const int MaxCapacity = 1_000;
    private const int MaxNames = 100;

    /// <summary>This connection, as every node names it.</summary>
    private string Self => handles.Of(Context.ConnectionId);

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        workers.Unregister(Self);
        keeping.Disconnected(Self);
        return base.OnDisconnectedAsync(exception);
    }

    public Task<SubscribeResult> Subscribe(string threadId, string? position = null) => JoinAsync(ThreadOf(threadId), position);

    public Task<Accepted> Unsubscribe(string threadId) => LeaveAsync(ThreadOf(threadId));

    public async Task<MessageAccepted> SendMessage(JsonElement message) =>
        PayloadReader.TryRead(message, out SendMessage? read, out HubError? error)
            ? await conversations.SendAsync(Caller, read)
            : new MessageAccepted { Error = error };

    public async Task<RunAccepted> StartAgent(JsonElement request) =>
        PayloadReader.TryRead(request, out StartAgent? read, out HubError? error)
            ? await conversations.StartAsync(Caller, read)
            : new RunAccepted { Error = error };

    public Task<Accepted> StopAgent(string runId, string? reason = null) => runs.CancelAsync(Caller, runId, reason);

    public Task<Accepted> CancelRun(string runId, string? reason = null) => runs.CancelAsync(Caller, runId, reason);

    public Task<Accepted> ProvideInput(string requestId, JsonElement value, string? threadId = null) =>
        conversations.ProvideInputAsync(Caller, requestId ?? "", value, threadId);

    public async Task<ThreadResult> CreateThread(JsonElement request) =>
        !Caller.Is(Roles.User | Roles.Admin) ? new ThreadResult { Error = new HubError(ErrorCodes.Forbidden, "Only a user may create a thread.") }
        : PayloadReader.TryRead(request, out CreateThread? read, out HubError? error) ? await threads.CreateAsync(Caller, read)
        : new ThreadResult { Error = error };

    public async Task<Accepted> RenameThread(string threadId, string title) =>
        new() { Error = (await threads.UpdateAsync(Caller, new ThreadId(threadId), title)).Error };

    public Task<Accepted> DeleteThread(string threadId) => threads.DeleteAsync(Caller, new ThreadId(threadId));

    public Task<ThreadList> ListThreads() => threads.ListAsync(Caller);

    public Task<EventPage> GetHistory(string threadId, string? after = null, string? before = null, int? limit = null) =>
        PageAsync(ThreadOf(threadId), after, before, limit);

    public Task<PublishResults> Publish(string threadId, JsonElement events) =>
        publisher.PublishAsync(Caller, ThreadOf(threadId), events, Self).AsTask();

    public IAsyncEnumerable<PublishResult> PublishStream(string threadId, IAsyncEnumerable<JsonElement> events) =>
        publisher.PublishStreamAsync(Caller, ThreadOf(threadId), events, Self, Context.ConnectionAborted);

    public Task<Accepted> ServeAgents(IReadOnlyList<string> names, int capacity)
    {
        HubError? error = !Caller.Is(Roles.Worker | Roles.Admin) ? new HubError(ErrorCodes.Forbidden, "Only a worker may serve agents.")
            : names is not { Count: > 0 and <= MaxNames } || !names.All(Ids.IsAddress) ? HubError.Invalid("names", $"1 to {MaxNames} of guide, liaison:{{pillar}} or agents' names are expected.")
            : capacity is < 1 or > MaxCapacity ? HubError.Invalid("capacity", $"1 to {MaxCapacity} is expected.")
            : null;
        if (error is null)
        {
            workers.Register(Self, Caller, names, capacity);
        }

        return Task.FromResult(new Accepted { Error = error });
    }

    public Task<LeaseResult> Heartbeat(string runId) => runs.HeartbeatAsync(Caller, runId, Self);

    internal static StreamId ThreadOf(string threadId) => new(StreamKind.Thread, threadId ?? "");
}
