using System.Runtime.InteropServices;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Contracts.Schema;

namespace HubService.Client;

/// <summary>
/// A client of <c>/hubs/project</c>: follows projects, publishes, works on stages, speaks for a user. One connection, made
/// when first needed, that reconnects by itself. Members may be called from any thread; those that ask the hub throw
/// <see cref="HubClientException"/> with the hub's error, or <c>not_connected</c> / <c>outcome_unknown</c>.
/// </summary>
public sealed partial class ProjectClient : HubClient, IAsyncDisposable
{
    private readonly Publisher<NewProjectEvent> _publisher;
    private ProjectWorker? _worker;

    /// <exception cref="InvalidOperationException">An option is missing or out of range; the message names it.</exception>
    public ProjectClient(HubServiceClientOptions options)
        : base(options, "hubs/project")
    {
        _publisher = new Publisher<NewProjectEvent>(Link, StreamKind.Project, OnRolledBack, options);
        Link.On<ProjectEvent<JsonElement>>(nameof(IProjectClient.ProjectEvent), Receive);
        Link.On<StageRequest>(nameof(IProjectClient.StageRequested), r => _worker?.Stage(r));
        Link.On<CommandRequest>(nameof(IProjectClient.CommandReceived), r => _worker?.Command(r));
        Link.On<ProjectCancelRequest>(nameof(IProjectClient.CancelRequested), r => _worker?.Cancel(r));
        Link.On<ChatRequest>(nameof(IProjectClient.ChatReceived), r => _worker?.Chat(r));
    }

    /// <summary>
    /// Follows a project across reconnects: a <see cref="ProjectGreeting"/> per connection, then every event once, in order, or
    /// a <see cref="StreamItem.HistoryLost"/> / <see cref="StreamItem.Reset"/> where that is impossible. A reader that is too
    /// slow reads the rest from the hub later and misses nothing.
    /// </summary>
    /// <param name="from">Everything after it; <see cref="StreamPosition.Start"/> for all there is; null for what comes from now on.</param>
    /// <exception cref="HubClientException">The hub refused, e.g. <c>not_found</c>.</exception>
    public IAsyncEnumerable<StreamItem> SubscribeAsync(ProjectId project, StreamPosition? from = null, CancellationToken cancellationToken = default) =>
        Subscriptions.SubscribeAsync(StreamId.Project(project), from, cancellationToken);

    /// <summary>
    /// Publishes an event after everything published to the project before it. Retried with the same id when the connection is
    /// lost or the hub says retryable, until the publish deadline.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the event may be published all the same.</param>
    /// <exception cref="HubClientException">The hub's refusal; <c>queue_full</c> when too much waits to be published, and nothing was sent.</exception>
    public Task<PublishResult> PublishAsync(ProjectId project, NewProjectEvent e, CancellationToken cancellationToken = default) =>
        _publisher.Enqueue(
            project.Value,
            e with { EventId = e.EventId ?? Ids.New("evt_"), Payload = e.Payload.Clone() },
            JsonMarshal.GetRawUtf8Value(e.Payload).Length + 512).WaitAsync(cancellationToken);

    /// <summary>The same by payload record, e.g. <c>new TrainProgress(…)</c>.</summary>
    /// <exception cref="ArgumentException">Not a payload record of the contract.</exception>
    public Task<PublishResult> PublishAsync(ProjectId project, object payload, CancellationToken cancellationToken = default) =>
        PublishAsync(project, Wire.TypeOf(ContractCatalog.Projects, payload), payload, cancellationToken);

    /// <summary>The same by name, also for names a pipeline registered.</summary>
    /// <param name="payload">An object; its properties travel in snake_case.</param>
    public Task<PublishResult> PublishAsync(ProjectId project, string name, object payload, CancellationToken cancellationToken = default) =>
        PublishAsync(project, new NewProjectEvent(name, Wire.Element(payload)), cancellationToken);

    /// <summary>Sets a stage's status. The result is the project's new state, a <see cref="ProjectState"/> as JSON.</summary>
    /// <param name="status"><c>PENDING</c>, <c>IN_PROGRESS</c>, <c>WAITING_CONFIRMATION</c>, <c>COMPLETED</c>, <c>FAILED</c> or <c>SKIPPED</c>.</param>
    /// <param name="message">For a person to read; the stage keeps its former message without one.</param>
    /// <param name="attempt">That of the <see cref="StageRequest"/> which is worked on.</param>
    /// <exception cref="HubClientException"><c>invalid_stage</c> for an id the pipeline does not have; <c>stage_conflict</c> when another attempt is under way.</exception>
    public Task<CommandResult> SetStageAsync(
        ProjectId project, string stageId, string status, string? message = null, int? attempt = null, CancellationToken cancellationToken = default) =>
        Call<CommandResult>(nameof(IProjectHub.SetStage), cancellationToken, project.Value, stageId, status, message, attempt);

    /// <summary>
    /// Puts a stage to WAITING_CONFIRMATION. Returns once that is kept; the confirmation itself comes as the request for the
    /// next stage with reason <c>confirmed</c>.
    /// </summary>
    /// <param name="nextActions">What the person may do, for a person to read.</param>
    /// <param name="attempt">As for <see cref="SetStageAsync"/>.</param>
    /// <exception cref="HubClientException"><c>invalid_stage</c> for an id the pipeline does not have; <c>stage_conflict</c> when another attempt is under way.</exception>
    public Task<CommandResult> WaitForConfirmationAsync(
        ProjectId project, string stageId, string summary, IReadOnlyList<string> nextActions, int? attempt = null, CancellationToken cancellationToken = default) =>
        Call<CommandResult>(nameof(IProjectHub.WaitForConfirmation), cancellationToken, project.Value, stageId, summary, nextActions, attempt);

    /// <summary>
    /// Serves as a worker until cancelled and registers again after every reconnect. Completes when the running stages and
    /// commands have ended.
    /// </summary>
    /// <param name="patterns">Project ids; <c>*</c> stands for any characters.</param>
    /// <exception cref="HubClientException">The hub refused the registration.</exception>
    /// <exception cref="InvalidOperationException">This client serves already.</exception>
    public async Task ServeAsync(IReadOnlyList<string> patterns, IProjectWorker worker, CancellationToken cancellationToken = default)
    {
        using ProjectWorker serving = new(this, Link, patterns, worker, Options);
        if (Interlocked.CompareExchange(ref _worker, serving, null) is not null)
        {
            throw new InvalidOperationException("This client serves already; use another client.");
        }

        try
        {
            await serving.RunAsync(cancellationToken);
        }
        finally
        {
            _worker = null;
        }
    }

    /// <summary>Closes the connection. Events that wait to be published fail with <c>not_connected</c>, or with what delayed them.</summary>
    public async ValueTask DisposeAsync()
    {
        _publisher.Dispose();
        await CloseAsync();
    }

    private void Receive(ProjectEvent<JsonElement> e)
    {
        StreamPosition position = new(e.Epoch, e.Seq);
        StreamFeed? feed = Subscriptions.Find(StreamId.Project(e.ProjectId).ToString());
        if (e.Type == "EVENT")
        {
            feed?.Event(position, new ProjectStreamEvent(position, e));
        }
        else
        {
            feed?.Greet(own => new ProjectGreeting(own ?? position, e));
        }
    }
}
