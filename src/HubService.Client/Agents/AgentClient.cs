using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Schema;

namespace HubService.Client;

/// <summary>
/// A client of <c>/hubs/agent</c>: follows threads, publishes, runs agents, serves as a worker, speaks for a user. One
/// connection, made when first needed, that reconnects by itself. Members may be called from any thread; those that ask the
/// hub throw <see cref="HubClientException"/> with the hub's error, or <c>not_connected</c> / <c>outcome_unknown</c>.
/// </summary>
public sealed partial class AgentClient : HubClient, IAsyncDisposable
{
    private readonly ConcurrentDictionary<RunId, AgentRun> _runs = new();
    private readonly Publisher<NewAgentEvent> _publisher;
    private readonly RunPort _port;
    private AgentWorker? _worker;

    /// <exception cref="InvalidOperationException">An option is missing or out of range; the message names it.</exception>
    public AgentClient(HubServiceClientOptions options)
        : base(options, "hubs/agent")
    {
        _publisher = new Publisher<NewAgentEvent>(Link, StreamKind.Thread, OnRolledBack, options);
        _port = new RunPort(
            (thread, e) => Enqueue(thread, e),
            (run, ct) => Call<LeaseResult>(nameof(IAgentHub.Heartbeat), ct, run.Value),
            (thread, from, ct) => SubscribeAsync(thread, from, ct),
            run => _runs.TryRemove(KeyValuePair.Create(run.RunId, run)),
            options.TimeProvider,
            options.HeartbeatInterval,
            options.LoggerFactory);
        foreach (EventDefinition definition in ContractCatalog.Agents.All)
        {
            Link.On<AgentEvent<JsonElement>>(definition.ClientMethod, Receive);
        }

        Link.On<RunRequest>(nameof(IAgentClient.RunRequested), r => _worker?.Receive(r.RunId, cancelled => AgentWork.From(r, this, cancelled)));
        Link.On<MessageRequest>(nameof(IAgentClient.MessageReceived), r => _worker?.Receive(r.RunId, cancelled => AgentWork.From(r, this, cancelled)));
        Link.On<CancelRequest>(nameof(IAgentClient.CancelRequested), r =>
        {
            _worker?.Cancel(r.RunId);
            _runs.GetValueOrDefault(r.RunId)?.Cancel();
        });

        // The hub ends the runs of a lost connection after a short grace time; a quiet run shows at once that it lives.
        Link.Changed += (_, change) =>
        {
            if (change.State == ConnectionState.Connected && Link.Connections > 1)
            {
                _ = Task.WhenAll(_runs.Values.Select(r => r.HeartbeatOnceAsync(reconnected: true)));
            }
        };
    }

    /// <summary>
    /// Follows a thread across reconnects: every event once, in order, or a <see cref="StreamItem.HistoryLost"/> /
    /// <see cref="StreamItem.Reset"/> where that is impossible. A reader that is too slow reads the rest from the hub later and
    /// misses nothing. It ends when cancelled, with <see cref="OperationCanceledException"/> when the client is disposed.
    /// </summary>
    /// <param name="from">Everything after it; <see cref="StreamPosition.Start"/> for all there is; null for what comes from now on.</param>
    /// <exception cref="HubClientException">The hub refused, e.g. <c>not_found</c>.</exception>
    public IAsyncEnumerable<StreamItem> SubscribeAsync(ThreadId thread, StreamPosition? from = null, CancellationToken cancellationToken = default) =>
        Subscriptions.SubscribeAsync(StreamId.Thread(thread), from, cancellationToken);

    /// <summary>
    /// Publishes an event after everything published to the thread before it. Retried with the same id when the connection is
    /// lost or the hub says retryable, until the publish deadline.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the event may be published all the same.</param>
    /// <exception cref="HubClientException">
    /// The hub's refusal; <c>queue_full</c> when too much waits to be published, and nothing was sent. <c>agent_started</c>,
    /// <c>tool_completed</c> and <c>agent_completed</c> are taken also then, so that a run always ends.
    /// </exception>
    public Task<PublishResult> PublishAsync(ThreadId thread, NewAgentEvent e, CancellationToken cancellationToken = default) =>
        Enqueue(thread, e.EventId is null ? e with { EventId = Ids.New("evt_") } : e).WaitAsync(cancellationToken);

    /// <summary>The same by payload record, e.g. <c>new StatusUpdate("indexing")</c>.</summary>
    /// <exception cref="ArgumentException">Not a payload record of the contract.</exception>
    public Task<PublishResult> PublishAsync(ThreadId thread, object payload, CancellationToken cancellationToken = default) =>
        PublishAsync(thread, new NewAgentEvent(Wire.TypeOf(ContractCatalog.Agents, payload), Wire.Element(payload)), cancellationToken);

    /// <summary>Publishes events in their order, in as few batches as fit.</summary>
    /// <returns>One result per event, in order.</returns>
    /// <exception cref="HubClientException">The first refusal; the other events are published all the same.</exception>
    public Task<PublishResult[]> PublishAsync(ThreadId thread, IReadOnlyList<NewAgentEvent> events, CancellationToken cancellationToken = default) =>
        Task.WhenAll(events.Select(e => PublishAsync(thread, e, cancellationToken)).ToArray());

    /// <summary>Starts a run: publishes <c>agent_started</c>.</summary>
    /// <param name="task">What the agent sets out to do, one line.</param>
    /// <param name="runId">The hub's run id when it asked for the run; a new one otherwise.</param>
    /// <param name="context">Any object; travels as JSON.</param>
    /// <param name="cancellationToken">Cancels the run, not only its start.</param>
    public async Task<AgentRun> StartRunAsync(
        ThreadId thread,
        string agentName,
        string? task = null,
        RunId? runId = null,
        RunId? parentRunId = null,
        object? context = null,
        CancellationToken cancellationToken = default)
    {
        AgentRun run = OpenRun(thread, runId ?? RunId.New(), new RunStart(agentName, task, parentRunId, context), cancellationToken);
        try
        {
            await run.StartAsync();
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Serves as a worker until cancelled: takes run requests and messages, runs the handler for each, up to
    /// <paramref name="capacity"/> at once, and registers again after every reconnect. The run ends as <c>success</c> when the
    /// handler returns without ending it, as <c>failed</c> with an <c>agent_error</c> when it throws, as <c>cancelled</c> when
    /// it was cancelled. Completes when the running handlers have ended.
    /// </summary>
    /// <param name="names"><c>guide</c>, <c>liaison:{pillar}</c> or agent names.</param>
    /// <param name="capacity">1 to 1,000.</param>
    /// <param name="handler">Its token fires when the run or the worker is cancelled.</param>
    /// <exception cref="HubClientException">The hub refused the registration.</exception>
    /// <exception cref="InvalidOperationException">This client serves already.</exception>
    public async Task ServeAsync(
        IReadOnlyList<string> names, int capacity, Func<AgentWork, CancellationToken, Task> handler, CancellationToken cancellationToken = default)
    {
        using AgentWorker worker = new(Link, names, capacity, handler, Options);
        if (Interlocked.CompareExchange(ref _worker, worker, null) is not null)
        {
            throw new InvalidOperationException("This client serves already; use another client.");
        }

        try
        {
            await worker.RunAsync(cancellationToken);
        }
        finally
        {
            _worker = null;
        }
    }

    /// <summary>Closes the connection. Runs that are still open are ended first, as <see cref="AgentRun.DisposeAsync"/> does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Link.State == ConnectionState.Connected)
        {
            await Task.WhenAll(_runs.Values.Select(r => r.DisposeAsync().AsTask()));
        }

        _publisher.Dispose();
        await CloseAsync();
    }

    internal AgentRun OpenRun(ThreadId thread, RunId runId, RunStart start, CancellationToken cancellationToken)
    {
        AgentRun run = new(_port, thread, runId, start, cancellationToken);
        _runs[runId] = run;
        return run;
    }

    private Task<PublishResult> Enqueue(ThreadId thread, NewAgentEvent e) => _publisher.Enqueue(
        thread.Value,
        e with { Payload = e.Payload.Clone() },
        JsonMarshal.GetRawUtf8Value(e.Payload).Length + 512,
        evenWhenFull: RunBounds.Contain(e.Type));

    private void Receive(AgentEvent<JsonElement> e)
    {
        StreamPosition position = new(e.Epoch, e.Seq);
        Subscriptions.Find(StreamId.Thread(e.ThreadId).ToString())?.Event(position, new AgentStreamEvent(position, e));
    }
}
