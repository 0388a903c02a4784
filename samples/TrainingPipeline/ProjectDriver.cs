using System.Text.Json.Nodes;

namespace TrainingPipeline;

/// <summary>Walks one project through its stages until a person is needed; one walk at a time.</summary>
public sealed class ProjectDriver(Pipeline pipeline, PipelineContext context, IPipelineOutput output, IStageControl control) : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private Walk? walk;
    private int? newestAttempt;

    /// <summary>The stage that runs or ran last; null before the first.</summary>
    public string? Stage { get; private set; }

    /// <summary>Completes when the project stands still: a confirmation is awaited, a stage failed, it was cancelled or all is done. Never fails.</summary>
    public Task Idle => walk?.Task ?? Task.CompletedTask;

    /// <summary>
    /// Starts at a stage and walks on from there; a walk under way is stopped first, and has published its last event before the new one begins.
    /// Returns when the walk has begun: await <see cref="Idle"/> for its end. Not to be awaited inside a call that this driver makes to its
    /// output or control, since it waits for the walk that makes the call.
    /// </summary>
    /// <param name="attempt">The hub's number of this walk; null goes on with the number of the walk before.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stage.</exception>
    public async Task StartAsync(string stageId, int? attempt = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(StageOrder.IndexOf(stageId), nameof(stageId));
        await turn.WaitAsync(cancellationToken);
        try
        {
            await StopUnsynchronizedAsync(byPerson: false);
            Stage = stageId;
            newestAttempt = attempt ?? newestAttempt;
            Walk started = new() { Attempt = newestAttempt };
            started.Task = Task.Run(() => WalkAsync(stageId, started), CancellationToken.None);
            walk = started;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Stops the stage that runs, which then is FAILED; a training run ends as cancelled first. False when nothing ran.</summary>
    /// <param name="attempt">The hub's number of the walk that is meant: one of another number goes on. Null stops any.</param>
    public async Task<bool> CancelAsync(int? attempt = null, CancellationToken cancellationToken = default)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            return (attempt is null || walk?.Attempt is null || walk.Attempt == attempt) && await StopUnsynchronizedAsync(byPerson: true);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Stops without touching the stage's status, for a stage that is about to be run again.</summary>
    public async Task StopAsync()
    {
        await turn.WaitAsync();
        try
        {
            await StopUnsynchronizedAsync(byPerson: false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Answers a person with one LOG_LINE, and acts on what was asked.</summary>
    /// <param name="currentStage">Where the project stands, if the hub knows better than this process, which may be new.</param>
    public async Task ChatAsync(string text, string? currentStage = null, CancellationToken cancellationToken = default)
    {
        string stage = currentStage ?? Stage ?? StageIds.ParseIntent;
        Chat.ChatReply reply = pipeline.Chat(context, stage, text);
        await output.LogAsync(PipelineEvents.ChatRun, "info", reply.Text, "agent", cancellationToken);
        if (reply.RunStage is { } next)
        {
            await control.SetStageAsync(next, StageStatuses.InProgress, "Reading the new goal", newestAttempt, cancellationToken);
            await StartAsync(next, attempt: null, cancellationToken);
        }
    }

    public CommandAnswer Command(string name, JsonObject? args) => Pipeline.Command(context, name, args);

    /// <summary>Stops without touching the stage's status: another worker may take it up.</summary>
    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        await StopUnsynchronizedAsync(byPerson: false);
        turn.Dispose();
    }

    private async Task<bool> StopUnsynchronizedAsync(bool byPerson)
    {
        if (walk is not { Task.IsCompleted: false } running)
        {
            return false;
        }

        running.CancelledByPerson = byPerson;
        await running.Stop.CancelAsync();
        await running.Task;
        running.Stop.Dispose();
        return true;
    }

    private async Task WalkAsync(string firstStage, Walk running)
    {
        CancellationToken stop = running.Stop.Token;
        try
        {
            for (string? stage = firstStage; stage is not null; stage = await FinishAsync(stage, running.Attempt, stop))
            {
                Stage = stage;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (running.CancelledByPerson)
            {
                await ReportAsync("warn", "Cancelled. Restart the stage to run it again.", running.Attempt);
            }
        }
        catch (Exception failure)
        {
            await ReportAsync("error", failure.Message, running.Attempt);
        }
    }

    private async Task<string?> FinishAsync(string stage, int? attempt, CancellationToken stop)
    {
        StageOutcome outcome = await pipeline.RunStageAsync(stage, context, output, stop);
        if (outcome.WaitsForConfirmation)
        {
            await control.WaitForConfirmationAsync(stage, outcome.Summary, outcome.NextActions, attempt, stop);
            return null;
        }

        await control.SetStageAsync(stage, StageStatuses.Completed, outcome.Summary, attempt, stop);
        if (StageOrder.After(stage) is { } next)
        {
            await control.SetStageAsync(next, StageStatuses.InProgress, "", attempt, stop);
            return next;
        }

        return null;
    }

    private async Task ReportAsync(string level, string text, int? attempt)
    {
        try
        {
            // The status first: once a newer walk was asked for it is refused, and then there is nothing to tell.
            await control.SetStageAsync(Stage!, StageStatuses.Failed, text, attempt, CancellationToken.None);
            await output.LogAsync(PipelineEvents.SystemRun, level, $"{Stage}: {text}", "pipeline", CancellationToken.None);
        }
        catch (Exception)
        {
            // Refused, or the hub is out of reach, which is where the failure would have been reported. It closes the run when this worker's lease ends.
        }
    }

    private sealed class Walk
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;

        public int? Attempt { get; init; }

        public bool CancelledByPerson { get; set; }
    }
}
