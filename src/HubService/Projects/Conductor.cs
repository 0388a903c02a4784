using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Publishing;
using HubService.Streams;
using HubService.Validation;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace HubService.Projects;

/// <summary>
/// Moves projects through their stages. Every change is decided on the projection inside the stream's queue, so that two
/// confirmations of one state advance once; every refusal has a code; the worker hears of what it must do. What changes a project for a
/// person runs where the project is kept: see <see cref="ProjectControl"/>.
/// </summary>
internal sealed class Conductor(
    OpenStreams streams,
    ProjectWork work,
    ProjectKeeping keeping,
    IHubContext<ProjectHub, IProjectClient> hub,
    IOptions<ProjectOptions> options,
    TimeProvider time)
{
    /// <summary>
    /// A worker gets the requests of a project in the order of their attempts, and an attempt's cancellation after its request: the last
    /// one it gets is the one it works on.
    /// </summary>
    private readonly Lock _asking = new();

    public async Task<ProjectState> StateAsync(StreamKey project)
    {
        Outcome outcome = await streams.SubmitAsync(project, state => Decision.Look(((PipelineState)state).ToContract(new ProjectId(project.Id), null)));
        return outcome.Error is { } error
            ? new ProjectState { Error = error }
            : (ProjectState)outcome.Answer! with { Position = new StreamPosition(outcome.Epoch, outcome.Head) };
    }

    /// <summary>Confirms the current stage and goes to the next one.</summary>
    /// <param name="stageId">The stage the person saw; when it is given and no longer current, nothing happens but a stage_conflict.</param>
    public async Task<CommandResult> ConfirmAsync(Principal caller, StreamKey project, string? stageId)
    {
        // What the projection is now: a change that is decided before this confirmation comes to its turn was not seen by whoever confirms.
        long seen = await ChangesAsync(project);
        string? next = null;
        int attempt = 0;
        CommandResult result = await ChangeAsync(project, state =>
        {
            StageSnapshot current = state.Current;
            bool lenient = options.Value.Confirm != "strict";
            bool ready = current.Status switch
            {
                StageStatuses.WaitingConfirmation => true,
                StageStatuses.Completed => lenient,

                // Work in hand is not ended by a second click on the confirmation before it: that takes naming the stage.
                StageStatuses.InProgress => lenient && (stageId is not null || !work.IsWorking(project)),
                _ => false,
            };
            if (!ready || state.Changes != seen || (stageId is not null && stageId != current.Id))
            {
                return Conflict(state, $"Stage {current.Id} is {current.Status}; there is nothing to confirm.");
            }

            if (stageId is null && time.GetUtcNow() - state.AttemptBeganAt is { Ticks: >= 0 } age && age < options.Value.ConfirmPause)
            {
                return Conflict(state, $"Stage {current.Id} has only just begun, and what is confirmed was most likely the one before. Name it by stage_id.");
            }

            List<EventDraft> events = [];
            if (current.Status != StageStatuses.Completed)
            {
                events.Add(Status(current.Id, StageStatuses.Completed, "Stage confirmed", caller));
            }

            if (state.CurrentIndex + 1 < state.Stages.Count)
            {
                (next, attempt) = (state.Stages[state.CurrentIndex + 1].Id, state.Attempt + 1);
                events.Add(Status(next, StageStatuses.InProgress, "Advancing to next stage", caller, attempt));
            }
            else if (events.Count == 0)
            {
                return Conflict(state, "The last stage is completed; there is nothing to confirm.");
            }

            return new Decision(events);
        });
        if (result.Error is null && next is not null)
        {
            await AskAsync(project, next, attempt, "confirmed");
        }

        return result;
    }

    public async Task<CommandResult> RestartAsync(Principal caller, StreamKey project, string stageId)
    {
        int attempt = 0;
        CommandResult result = await ChangeAsync(project, state =>
        {
            int index = state.IndexOf(stageId);
            if (index < 0)
            {
                return Decision.Refuse(PipelineState.InvalidStage("stage_id", stageId));
            }

            // The last event names the stage that is current now, for clients that follow the newest STAGE_STATUS.
            IEnumerable<EventDraft> later = state.Stages.Skip(index + 1).Where(s => s.Status != StageStatuses.Pending).Reverse()
                .Select(s => Status(s.Id, StageStatuses.Pending, $"Reset by the restart of {stageId}", caller));
            attempt = state.Attempt + 1;
            return new Decision([.. later, Status(stageId, StageStatuses.InProgress, "Stage restarted by user", caller, attempt)]);
        });
        if (result.Error is null)
        {
            await AskAsync(project, stageId, attempt, "restarted");
        }

        return result;
    }

    public async Task<CommandResult> CancelAsync(Principal caller, StreamKey project, string? runId)
    {
        string? cancelled = null;
        int attempt = 0;
        CommandResult result = await ChangeAsync(project, state =>
        {
            if (runId is not null && !state.OpenRuns.Contains(runId))
            {
                return Decision.Refuse(ErrorCodes.NotFound, $"There is no open run '{runId}' in this project.");
            }

            attempt = state.Attempt;
            cancelled = runId ?? (state.OpenRuns.Count > 0 ? state.OpenRuns[^1] : null);
            if (cancelled is null && (work.HolderOf(project) is null || state.Current.Status != StageStatuses.InProgress))
            {
                return Decision.Refuse(ErrorCodes.RunNotStarted, "Nothing is running that could be cancelled.");
            }

            return Decision.Append(EventDraft.ByHub("LOG_LINE", new LogLine(cancelled ?? "system", "warn", "Run cancellation requested", "hub"), userId: caller.Subject));
        });
        if (result.Error is null)
        {
            await TellAsync(project, new ProjectCancelRequest(new ProjectId(project.Id), cancelled, caller.Subject, attempt > 0 ? attempt : null));
        }

        return result;
    }

    public async Task<Accepted> ChatAsync(Principal caller, StreamKey project, string text)
    {
        if (TextCheck.Check("text", text, options.Value.MaxTextLength) is { } fault)
        {
            return new Accepted { Error = fault };
        }

        Outcome outcome = await streams.SubmitAsync(project, _ => Decision.Append(
            EventDraft.ByHub("LOG_LINE", new LogLine("chat", "info", text, "chat"), userId: caller.Subject)));
        if (outcome.Error is { } error)
        {
            return new Accepted { Error = error };
        }

        if (work.WorkerFor(project) is { } worker)
        {
            await hub.Clients.Client(worker).ChatReceived(new ChatRequest(new ProjectId(project.Id), text, caller.Subject));
        }

        return new Accepted { Seq = outcome.Head };
    }

    /// <param name="attempt">The attempt that reports, if it says so; another than the present one is refused.</param>
    public Task<CommandResult> SetStageAsync(Principal caller, StreamKey project, string handle, string stageId, string status, string? message, int? attempt) =>
        !StageStatuses.All.Contains(status)
            ? Task.FromResult(new CommandResult { Error = HubError.Invalid("status", $"one of {string.Join(", ", StageStatuses.All)} is expected.") })
            : ChangeAsync(project, state => state.IndexOf(stageId) < 0
                ? Decision.Refuse(PipelineState.InvalidStage("stage_id", stageId))
                : Decision.Append(Status(stageId, status, message ?? "", caller, attempt) with { ConnectionId = handle }));

    /// <inheritdoc cref="SetStageAsync"/>
    public Task<CommandResult> WaitAsync(Principal caller, StreamKey project, string handle, string stageId, string summary, IReadOnlyList<string> nextActions, int? attempt) =>
        ChangeAsync(project, state => state.IndexOf(stageId) < 0
            ? Decision.Refuse(PipelineState.InvalidStage("stage_id", stageId))
            : Decision.Append(EventDraft.ByHub("WAITING_CONFIRMATION", new WaitingConfirmation(stageId, summary, nextActions, attempt), userId: caller.Subject) with { ConnectionId = handle }));

    /// <summary>Hands a worker that has just registered the stages that wait for one.</summary>
    public async Task ResumeAsync(string worker)
    {
        List<Task> asked = [];
        lock (_asking)
        {
            foreach ((StreamKey project, string stage, int? attempt) in work.TakeWaiting(worker))
            {
                keeping.Asked(project, worker, attempt ?? 0);
                asked.Add(hub.Clients.Client(worker).StageRequested(new StageRequest(new ProjectId(project.Id), stage, "resumed", attempt)));
            }
        }

        await Task.WhenAll(asked);
    }

    private Task AskAsync(StreamKey project, string stage, int attempt, string reason)
    {
        lock (_asking)
        {
            if (work.Ask(project, stage, attempt) is not { } worker)
            {
                return Task.CompletedTask;
            }

            keeping.Asked(project, worker, attempt);
            Task asked = hub.Clients.Client(worker).StageRequested(new StageRequest(new ProjectId(project.Id), stage, reason, attempt));
            return work.CancelOf(project) is { } cancelled ? Task.WhenAll(asked, hub.Clients.Client(worker).CancelRequested(cancelled)) : asked;
        }
    }

    private Task TellAsync(StreamKey project, ProjectCancelRequest cancelled)
    {
        lock (_asking)
        {
            return work.Cancel(project, cancelled) is { } worker ? hub.Clients.Client(worker).CancelRequested(cancelled) : Task.CompletedTask;
        }
    }

    private async Task<long> ChangesAsync(StreamKey project) =>
        (await streams.SubmitAsync(project, state => Decision.Look(((PipelineState)state).Changes))).Answer as long? ?? -1;

    /// <summary>Decides, appends, and answers with the new state.</summary>
    private async Task<CommandResult> ChangeAsync(StreamKey project, Func<PipelineState, Decision> decide)
    {
        ProjectState? after = null;
        Outcome outcome = await streams.SubmitAsync(project, state => decide((PipelineState)state));
        HubError? error = outcome.Refusal;
        if (error is null)
        {
            after = await StateAsync(project);
            error = after.Error;
        }

        return error is not null
            ? new CommandResult { Error = error }
            : new CommandResult { Result = JsonSerializer.SerializeToElement(after!, ContractJson.Default.ProjectState) };
    }

    private static EventDraft Status(string stage, string status, string message, Principal caller, int? attempt = null) =>
        EventDraft.ByHub("STAGE_STATUS", new StageStatus(stage, status, message, Attempt: attempt), userId: caller.Subject);

    private static Decision Conflict(PipelineState state, string message) => Decision.Refuse(
        new HubError(ErrorCodes.StageConflict, message).With("stage_id", state.Current.Id).With("status", state.Current.Status));
}
