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

    private readonly ProjectSnapshot _s;

    public PipelineState(ProjectSnapshot snapshot, IReadOnlyList<string> stages)
    {
        _s = snapshot;
        if (_s.Stages.Count == 0)
        {
            _s.Stages = [.. stages.Select((id, i) => new StageSnapshot { Id = id, Status = i == 0 ? StageStatuses.InProgress : StageStatuses.Pending })];
        }

        Facts = new StreamFacts(_s.Exists, null, [], null);
    }

    public StreamFacts Facts { get; private set; }

    public bool Unfinished => _s.OpenRuns.Count > 0 || (_s.Exists && Current.Status == StageStatuses.InProgress);

    public StageSnapshot Current => _s.Stages[_s.Current];

    public int CurrentIndex => _s.Current;

    public IReadOnlyList<StageSnapshot> Stages => _s.Stages;

    public PendingSnapshot? Waiting => _s.Waiting;

    public IReadOnlyList<string> OpenRuns => _s.OpenRuns;

    public long Changes => _s.Changes;

    public int Attempt => _s.Attempt;

    public DateTimeOffset AttemptAt => _s.AttemptAt;

    public bool Exists => _s.Exists;

    public StageRef StageRef => new(Current.Id, _s.Current, Current.Status);

    public int IndexOf(string stageId) => _s.Stages.FindIndex(s => s.Id == stageId);

    public ProjectState ToContract(ProjectId project, StreamPosition? position) => new()
    {
        ProjectId = project,
        CurrentStage = Stage(_s.Current),
        Stages = [.. Enumerable.Range(0, _s.Stages.Count).Select(Stage)],
        WaitingConfirmation = _s.Waiting is { } w ? new PendingConfirmation(w.StageId, w.Summary, w.NextActions) : null,
        Position = position,
    };

    public StageState Stage(int index) => new(_s.Stages[index].Id, index, _s.Stages[index].Status, _s.Stages[index].Message);

    public HubError? Check(EventDraft draft)
    {
        switch (draft.Type)
        {
            case "STAGE_STATUS" or "WAITING_CONFIRMATION" when Text(draft.Payload, "stage_id") is { } stage && IndexOf(stage) < 0:
                return InvalidStage("payload.stage_id", stage);
            case "STAGE_STATUS" or "WAITING_CONFIRMATION" when Outdated(draft.Payload) is { } outdated:
                return outdated;
            case "TRAIN_RUN_STARTED" when Text(draft.Payload, "run_id") is { } run && (_s.OpenRuns.Contains(run) || _s.FinishedRuns.Contains(run)):
                return new HubError(ErrorCodes.RunConflict, $"payload.run_id: run '{run}' has started before.").With("field", "payload.run_id");
            case "TRAIN_RUN_FINISHED" when Text(draft.Payload, "run_id") is { } run && !_s.OpenRuns.Contains(run):
                return _s.FinishedRuns.Contains(run)
                    ? Closed(run)
                    : new HubError(ErrorCodes.RunNotStarted, $"payload.run_id: run '{run}' has no TRAIN_RUN_STARTED yet.").With("field", "payload.run_id");
            case "TRAIN_PROGRESS" or "METRIC_SCALAR" or "GD_DIAGNOSTIC" when Text(draft.Payload, "run_id") is { } run && _s.FinishedRuns.Contains(run):
                return Closed(run);
            default:
                return null;
        }
    }

    public void Apply(in PlacedEvent e)
    {
        switch (e.Type)
        {
            case "STAGE_STATUS" when Text(e.Payload, "stage_id") is { } id && IndexOf(id) is >= 0 and var index:
                _s.Current = index;
                Current.Status = Text(e.Payload, "status")!;
                Current.Message = Text(e.Payload, "message") is { Length: > 0 } message ? message : Current.Message;
                _s.Waiting = null;
                _s.Changes++;
                Begin(e);
                break;
            case "WAITING_CONFIRMATION" when Text(e.Payload, "stage_id") is { } id && IndexOf(id) is >= 0 and var index:
                _s.Current = index;
                Current.Status = StageStatuses.WaitingConfirmation;
                Current.Message = Text(e.Payload, "summary") ?? "";
                _s.Waiting = new PendingSnapshot(id, Current.Message, Texts(e.Payload, "next_actions"));
                _s.Changes++;
                break;
            case "TRAIN_RUN_STARTED" when Text(e.Payload, "run_id") is { } run:
                _s.OpenRuns.Add(run);
                break;
            case "TRAIN_RUN_FINISHED" when Text(e.Payload, "run_id") is { } run:
                _s.OpenRuns.Remove(run);
                _s.FinishedRuns.Add(run);
                if (_s.FinishedRuns.Count > RememberedRuns)
                {
                    _s.FinishedRuns.RemoveAt(0);
                }

                break;
        }

        if (!_s.Exists)
        {
            _s.Exists = true;
            Facts = Facts with { Exists = true };
        }
    }

    public ReadOnlyMemory<byte> Save() => JsonSerializer.SerializeToUtf8Bytes(_s, ProjectStateJson.Default.ProjectSnapshot);

    public static HubError InvalidStage(string field, string stage) =>
        new HubError(ErrorCodes.InvalidStage, $"{field}: this pipeline has no stage '{(stage.Length <= 64 ? stage : stage[..64])}'.").With("field", field);

    /// <summary>The hub's own event that begins an attempt carries the next number; a report the present one, or none.</summary>
    private HubError? Outdated(JsonElement payload) =>
        AttemptOf(payload) is not { } attempt || _s.Attempt == 0 || attempt == _s.Attempt || attempt == _s.Attempt + 1
            ? null
            : new HubError(ErrorCodes.StageConflict, $"payload.attempt: attempt {attempt} has ended; attempt {_s.Attempt} is under way.").With("field", "payload.attempt").With("attempt", _s.Attempt);

    private void Begin(in PlacedEvent e)
    {
        if (AttemptOf(e.Payload) is { } attempt && attempt > _s.Attempt)
        {
            (_s.Attempt, _s.AttemptAt) = (attempt, e.At);
        }
    }

    private static int? AttemptOf(JsonElement payload) =>
        payload.TryGetProperty("attempt", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int attempt) ? attempt : null;

    private static HubError Closed(string run) =>
        new HubError(ErrorCodes.RunClosed, $"payload.run_id: run '{run}' has finished.").With("field", "payload.run_id");

    private static string? Text(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static List<string> Texts(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)]
            : [];
}
