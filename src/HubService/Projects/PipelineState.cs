using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Publishing;

namespace HubService.Projects;

/// <summary>What a project's events amount to: its stages, what waits for a person, its training runs.</summary>
internal sealed class PipelineState : IStreamState
{
    private const int RememberedRuns = 200;

    private readonly ProjectSnapshot _snapshot;

    public PipelineState(ProjectSnapshot snapshot, IReadOnlyList<string> stages)
    {
        _snapshot = snapshot;
        if (_snapshot.Stages.Count == 0)
        {
            _snapshot.Stages = [.. stages.Select((id, i) => new StageSnapshot { Id = id, Status = i == 0 ? StageStatuses.InProgress : StageStatuses.Pending })];
        }

        Facts = new StreamFacts(_snapshot.Exists, null, [], null);
    }

    public StreamFacts Facts { get; private set; }

    public bool Unfinished => _snapshot.OpenRuns.Count > 0 || (_snapshot.Exists && Current.Status == StageStatuses.InProgress);

    public StageSnapshot Current => _snapshot.Stages[_snapshot.Current];

    public int CurrentIndex => _snapshot.Current;

    public IReadOnlyList<StageSnapshot> Stages => _snapshot.Stages;

    public PendingSnapshot? Waiting => _snapshot.Waiting;

    public IReadOnlyList<string> OpenRuns => _snapshot.OpenRuns;

    public long Changes => _snapshot.Changes;

    public int Attempt => _snapshot.Attempt;

    public DateTimeOffset AttemptBeganAt => _snapshot.AttemptBeganAt;

    public bool Exists => _snapshot.Exists;

    public StageRef StageRef => new(Current.Id, _snapshot.Current, Current.Status);

    public int IndexOf(string stageId) => _snapshot.Stages.FindIndex(s => s.Id == stageId);

    public ProjectState ToContract(ProjectId project, StreamPosition? position) => new()
    {
        ProjectId = project,
        CurrentStage = Stage(_snapshot.Current),
        Stages = [.. Enumerable.Range(0, _snapshot.Stages.Count).Select(Stage)],
        WaitingConfirmation = _snapshot.Waiting is { } w ? new PendingConfirmation(w.StageId, w.Summary, w.NextActions) : null,
        Position = position,
    };

    public StageState Stage(int index) => new(_snapshot.Stages[index].Id, index, _snapshot.Stages[index].Status, _snapshot.Stages[index].Message);

    public HubError? Check(EventDraft draft)
    {
        switch (draft.Type)
        {
            case "STAGE_STATUS" or "WAITING_CONFIRMATION" when draft.Payload.Text("stage_id") is { } stage && IndexOf(stage) < 0:
                return InvalidStage("payload.stage_id", stage);
            case "STAGE_STATUS" or "WAITING_CONFIRMATION" when CheckAttempt(draft) is { } conflict:
                return conflict;
            case "TRAIN_RUN_STARTED" when draft.Payload.Text("run_id") is { } run && (_snapshot.OpenRuns.Contains(run) || _snapshot.FinishedRuns.Contains(run)):
                return new HubError(ErrorCodes.RunConflict, $"payload.run_id: run '{run}' has started before.").With("field", "payload.run_id");
            case "TRAIN_RUN_FINISHED" when draft.Payload.Text("run_id") is { } run && !_snapshot.OpenRuns.Contains(run):
                return _snapshot.FinishedRuns.Contains(run)
                    ? Closed(run)
                    : new HubError(ErrorCodes.RunNotStarted, $"payload.run_id: run '{run}' has no TRAIN_RUN_STARTED yet.").With("field", "payload.run_id");
            case "TRAIN_PROGRESS" or "METRIC_SCALAR" or "GD_DIAGNOSTIC" when draft.Payload.Text("run_id") is { } run && _snapshot.FinishedRuns.Contains(run):
                return Closed(run);
            default:
                return null;
        }
    }

    public void Apply(in PlacedEvent e)
    {
        switch (e.Type)
        {
            case "STAGE_STATUS" when e.Payload.Text("stage_id") is { } id && IndexOf(id) is >= 0 and var index:
                _snapshot.Current = index;
                Current.Status = e.Payload.Text("status")!;
                Current.Message = e.Payload.Text("message") is { Length: > 0 } message ? message : Current.Message;
                _snapshot.Waiting = null;
                _snapshot.Changes++;
                BeginAttempt(e);
                break;
            case "WAITING_CONFIRMATION" when e.Payload.Text("stage_id") is { } id && IndexOf(id) is >= 0 and var index:
                _snapshot.Current = index;
                Current.Status = StageStatuses.WaitingConfirmation;
                Current.Message = e.Payload.Text("summary") ?? "";
                _snapshot.Waiting = new PendingSnapshot(id, Current.Message, e.Payload.Texts("next_actions") ?? []);
                _snapshot.Changes++;
                break;
            case "TRAIN_RUN_STARTED" when e.Payload.Text("run_id") is { } run:
                _snapshot.OpenRuns.Add(run);
                break;
            case "TRAIN_RUN_FINISHED" when e.Payload.Text("run_id") is { } run:
                _snapshot.OpenRuns.Remove(run);
                _snapshot.FinishedRuns.Add(run);
                if (_snapshot.FinishedRuns.Count > RememberedRuns)
                {
                    _snapshot.FinishedRuns.RemoveAt(0);
                }

                break;
        }

        if (!_snapshot.Exists)
        {
            _snapshot.Exists = true;
            Facts = Facts with { Exists = true };
        }
    }

    public ReadOnlyMemory<byte> Save() => JsonSerializer.SerializeToUtf8Bytes(_snapshot, ProjectStateJson.Default.ProjectSnapshot);

    public static HubError InvalidStage(string field, string stage) =>
        new HubError(ErrorCodes.InvalidStage, $"{field}: this pipeline has no stage '{(stage.Length <= 64 ? stage : stage[..64])}'.").With("field", field);

    /// <summary>Only the hub begins an attempt; who reports with a number reports for the present one.</summary>
    private HubError? CheckAttempt(EventDraft draft)
    {
        if (AttemptOf(draft.Payload) is not { } attempt || attempt == Attempt || draft is { WrittenByHub: true, ConnectionId: null })
        {
            return null;
        }

        // With a connection and yet written by the hub: a worker's SetStage or WaitForConfirmation.
        return new HubError(ErrorCodes.StageConflict, $"attempt {Attempt} is under way, not {attempt}.")
            .With("field", draft.WrittenByHub ? "attempt" : "payload.attempt")
            .With("attempt", Attempt);
    }

    private void BeginAttempt(in PlacedEvent e)
    {
        if (AttemptOf(e.Payload) is { } attempt && attempt > _snapshot.Attempt)
        {
            (_snapshot.Attempt, _snapshot.AttemptBeganAt) = (attempt, e.At);
        }
    }

    private static int? AttemptOf(JsonElement payload) =>
        payload.TryGetProperty("attempt", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int attempt) ? attempt : null;

    private static HubError Closed(string run) =>
        new HubError(ErrorCodes.RunClosed, $"payload.run_id: run '{run}' has finished.").With("field", "payload.run_id");
}
