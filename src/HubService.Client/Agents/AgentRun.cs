using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Schema;
using Microsoft.Extensions.Logging;

namespace HubService.Client;

/// <summary>
/// One run of an agent in a thread. It keeps the rules of a run whatever the code inside does: <c>agent_started</c> comes
/// first, every tool call is closed once, exactly one <c>agent_completed</c> comes last, nothing after it. Dispose it; a run
/// that was not completed by then ends as <c>cancelled</c> when it was cancelled and as <c>failed</c> otherwise. Members may be
/// called from any thread. Each task completes when the hub has kept the event; the order is the order of the calls.
/// </summary>
public sealed partial class AgentRun : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OpenTool> _openTools = new(StringComparer.Ordinal);
    private readonly RunPort _port;
    private readonly ILogger _logger;
    private readonly RunStart _start;
    private readonly CancellationTokenSource _cancelled;
    private readonly CancellationTokenSource _over = new();
    private ITimer? _heartbeat;
    private Task<PublishResult>? _started;
    private HubError? _closedByHub;
    private long _since;
    private long _lastPublished;
    private bool _ended;

    internal AgentRun(RunPort port, ThreadId threadId, RunId runId, RunStart start, CancellationToken cancellationToken)
    {
        _port = port;
        _logger = port.Loggers.CreateLogger("HubService.Client.Runs");
        _start = start;
        ThreadId = threadId;
        RunId = runId;
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Cancelled = _cancelled.Token;
    }

    /// <summary>The thread the run speaks in.</summary>
    public ThreadId ThreadId { get; }

    /// <summary>The hub's id when it asked for the run, else the client's own.</summary>
    public RunId RunId { get; }

    /// <summary>The agent as users see it.</summary>
    public string AgentName => _start.AgentName;

    /// <summary>Fires when a user cancels the run, when the token it was started with does, or when the hub closed the run.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>True after CompleteAsync, FailAsync or DisposeAsync, or when the hub closed the run.</summary>
    public bool Ended
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    /// <summary>Shares one thought: <c>agent_thinking</c>.</summary>
    /// <param name="progress">Share of the run that is done, 0 to 1.</param>
    /// <exception cref="HubClientException">The hub refused it, or could not be reached within the publish deadline.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    public Task ThinkAsync(string thought, int? step = null, int? totalSteps = null, double? progress = null, string? currentOperation = null) =>
        PublishAsync(new AgentThinking(thought, step, totalSteps, progress, currentOperation));

    /// <summary>Tells how far the run is: <c>progress_update</c>.</summary>
    /// <param name="progress">0 to 1.</param>
    public Task ProgressAsync(double progress, string? message = null) => PublishAsync(new ProgressUpdate(progress, message));

    /// <summary>Reports an error that does not end the run: <c>agent_error</c>.</summary>
    /// <param name="code">Machine-readable, e.g. <c>llm_timeout</c>.</param>
    public Task ErrorAsync(string code, string message, bool recoverable = true, long? retryAfterMs = null) =>
        PublishAsync(new AgentError(code, message, recoverable, RetryAfterMs: retryAfterMs));

    /// <summary>Publishes a whole message: <c>agent_message</c>.</summary>
    public Task MessageAsync(string text, string? messageId = null, MessageRole role = MessageRole.Assistant) =>
        PublishAsync(new AgentMessage(messageId ?? Ids.New("msg_"), role, text));

    /// <summary>Publishes any other event of the run by its payload record, e.g. <c>new AnalysisResult(…)</c> or <c>new Custom(…)</c>.</summary>
    /// <exception cref="ArgumentException">Not a payload record, or one that opens or closes a run or a tool call; those have their own members.</exception>
    public Task<PublishResult> PublishAsync(object payload)
    {
        if (payload is AgentStarted or AgentCompleted or ToolExecuting or ToolCompleted)
        {
            throw new ArgumentException($"{payload.GetType().Name} has its own member of AgentRun.", nameof(payload));
        }

        string type = Wire.TypeOf(ContractCatalog.Agents, payload);
        JsonElement json = Wire.Element(payload);
        lock (_gate)
        {
            return PublishUnsynchronized(type, json);
        }
    }

    /// <summary>Ends the run as <c>success</c>. Tool calls that are still open are closed as <c>abandoned</c> first.</summary>
    /// <param name="result">Any JSON value; above 60 KB only its size is told.</param>
    /// <param name="finalResponse">The answer as text.</param>
    /// <param name="usage">Free, e.g. <c>new { InputTokens = 10 }</c>.</param>
    /// <exception cref="InvalidOperationException">The run has ended already.</exception>
    public Task CompleteAsync(object? result = null, string? finalResponse = null, object? usage = null) =>
        EndAsync(new AgentCompleted(RunStatus.Success, 0, Inline.Value(result), finalResponse, Usage: Wire.Object(usage)));

    /// <summary>Ends the run as <c>failed</c>.</summary>
    /// <param name="error">For a person to read.</param>
    public Task FailAsync(string error) => EndAsync(new AgentCompleted(RunStatus.Failed, 0, Error: error));

    /// <summary>Ends the run as <c>cancelled</c>.</summary>
    public Task EndCancelledAsync(string? reason = null) => EndAsync(new AgentCompleted(RunStatus.Cancelled, 0, Error: reason));

    /// <summary>Ends the run if nobody did. Never throws; a hub that cannot be told closes the run itself when its lease ends.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!Ended && _started is not null)
            {
                await (Cancelled.IsCancellationRequested ? EndCancelledAsync() : FailAsync("The run was disposed before it completed."));
            }
        }
        catch (Exception e) when (e is HubClientException or InvalidOperationException or OperationCanceledException)
        {
            LogNotEnded(RunId, e.GetType().Name);
        }

        Over();
        _cancelled.Dispose();
        _over.Dispose();
    }

    /// <summary>Publishes <c>agent_started</c> if that was not done yet.</summary>
    internal Task<PublishResult> StartAsync()
    {
        lock (_gate)
        {
            return StartUnsynchronized();
        }
    }

    /// <summary>A user asked to stop the run, or the hub closed it.</summary>
    internal void Cancel()
    {
        try
        {
            // Callbacks run elsewhere: this is called while the connection is reading.
            _ = _cancelled.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The run is over.
        }
    }

    /// <summary>One pass of the heartbeat: keeps the lease of a run that was quiet for an interval.</summary>
    /// <param name="reconnected">The hub does not know yet that the new connection holds the run.</param>
    internal async Task HeartbeatOnceAsync(bool reconnected = false)
    {
        lock (_gate)
        {
            if (_ended || _started is null || (!reconnected && _port.Time.GetElapsedTime(_lastPublished) < _port.HeartbeatInterval))
            {
                return;
            }
        }

        try
        {
            await _port.Heartbeat(RunId, _over.Token);
        }
        catch (HubClientException e)
        {
            Learn(e.Error);
        }
        catch (OperationCanceledException)
        {
            // The run ended meanwhile.
        }
    }

    private Task<PublishResult> StartUnsynchronized()
    {
        if (_started is null && !_ended)
        {
            _since = _port.Time.GetTimestamp();
            _started = SendUnsynchronized(new AgentStarted(_start.AgentName, _start.Task, _start.ParentRunId, Wire.Object(_start.Context)));
            _heartbeat = _port.Time.CreateTimer(_ => _ = HeartbeatOnceAsync(), null, _port.HeartbeatInterval, _port.HeartbeatInterval);
        }

        return _started ?? Task.FromException<PublishResult>(EndedError());
    }

    private Task<PublishResult> PublishUnsynchronized(string type, JsonElement payload)
    {
        if (_ended)
        {
            return Task.FromException<PublishResult>(EndedError());
        }

        Observe(StartUnsynchronized());
        return SendUnsynchronized(type, payload);
    }

    private Task<PublishResult> SendUnsynchronized(object payload) =>
        SendUnsynchronized(Wire.TypeOf(ContractCatalog.Agents, payload), Wire.Element(payload));

    private Task<PublishResult> SendUnsynchronized(string type, JsonElement payload)
    {
        _lastPublished = _port.Time.GetTimestamp();
        return LearnAsync(_port.Publish(ThreadId, new NewAgentEvent(type, payload, Ids.New("evt_"), RunId, AgentName)));
    }

    private async Task EndAsync(AgentCompleted completed)
    {
        Task<PublishResult> last;
        lock (_gate)
        {
            if (_ended)
            {
                throw EndedError();
            }

            Observe(StartUnsynchronized());
            completed = completed with { DurationMs = Math.Round(_port.Time.GetElapsedTime(_since).TotalMilliseconds, 3) };
            foreach (OpenTool tool in _openTools.Values)
            {
                Observe(SendUnsynchronized(tool.Completed(ToolStatus.Abandoned, Elapsed(tool), null, "The run ended first.")));
            }

            _openTools.Clear();
            last = SendUnsynchronized(completed);
            _ended = true;
        }

        try
        {
            await last;
        }
        catch (HubClientException e) when (Inline.Refused(e.Error))
        {
            // What the agent wanted to say last cannot be said; the run must end all the same.
            lock (_gate)
            {
                last = SendUnsynchronized(new AgentCompleted(RunStatus.Failed, completed.DurationMs, Error: e.Message));
            }

            await last;
            throw;
        }
        finally
        {
            Over();
        }
    }

    private TimeSpan Elapsed(OpenTool tool) => _port.Time.GetElapsedTime(tool.Since);

    private async Task<PublishResult> LearnAsync(Task<PublishResult> publish)
    {
        try
        {
            return await publish;
        }
        catch (HubClientException e)
        {
            Learn(e.Error);
            throw;
        }
    }

    /// <summary>The hub closes a run whose lease ended or whose cancel was not answered; there is nothing left to publish then.</summary>
    private void Learn(HubError error)
    {
        if (error.Code != ErrorCodes.RunClosed)
        {
            return;
        }

        lock (_gate)
        {
            _closedByHub ??= error;
            _ended = true;
            _openTools.Clear();
        }

        Cancel();
        Over();
    }

    private InvalidOperationException EndedError() => new(
        _closedByHub is { } e ? $"The hub closed run {RunId}: {e.Message}" : $"Run {RunId} has ended; nothing can be published for it.");

    private void Over()
    {
        lock (_gate)
        {
            if (_over.IsCancellationRequested)
            {
                return;
            }

            _ended = true;
            _over.Cancel();
            _heartbeat?.Dispose();
        }

        _port.Ended(this);
    }

    /// <summary>Its failure shows in a later event of the run as well.</summary>
    private static void Observe(Task task) =>
        _ = task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} could not be ended ({Reason})")]
    private partial void LogNotEnded(RunId runId, string reason);
}
