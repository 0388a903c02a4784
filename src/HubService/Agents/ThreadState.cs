using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;

namespace HubService.Agents;

/// <summary>What a thread's events amount to: whose it is, its open runs and tool calls, what people were asked.</summary>
internal sealed class ThreadState : IStreamState
{
    /// <summary>How many ended runs a thread remembers, to tell "closed" from "never started".</summary>
    private const int RememberedRuns = 500;

    private readonly ThreadSnapshot _snapshot;

    private readonly TimeProvider _time;

    public ThreadState(ThreadSnapshot snapshot, TimeProvider time)
    {
        _snapshot = snapshot;
        _time = time;
        Facts = MakeFacts();
    }

    public StreamFacts Facts { get; private set; }

    public bool Unfinished => _snapshot.Runs.Count > 0 || _snapshot.OpenInputs.Values.Any(i => i.Until is not null);

    public bool Deleted => _snapshot.Deleted;

    public string? Title => _snapshot.Title;

    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds(_snapshot.CreatedAt);

    public IReadOnlyDictionary<string, RunState> Runs => _snapshot.Runs;

    /// <summary>What people are asked, by request_id.</summary>
    public IReadOnlyDictionary<string, InputRequest> OpenInputs => _snapshot.OpenInputs;

    public bool IsClosed(string runId) => _snapshot.ClosedRuns.Contains(runId);

    public HubError? Check(EventDraft draft)
    {
        if (_snapshot.Deleted)
        {
            return new HubError(ErrorCodes.NotFound, "The thread was deleted.");
        }

        return draft.Type switch
        {
            "agent_started" => CheckStart(draft),
            "tool_executing" => CheckRun(draft, required: true, out RunState? run) ?? CheckCallIsNew(draft, run!),
            "tool_completed" => CheckRun(draft, required: true, out RunState? run) ?? CheckCallIsOpen(draft, run!),
            "agent_completed" => CheckRun(draft, required: true, out RunState? run) ?? CheckNoOpenCalls(draft, run!),
            "agent_thinking" => CheckRun(draft, required: true, out _),
            "input_requested" => CheckRun(draft, required: false, out _) ?? CheckRequestIsNew(draft) ?? CheckRequestIsInTime(draft),
            "input_provided" => CheckInput(draft),
            _ => CheckRun(draft, required: false, out _),
        };
    }

    public void Apply(in PlacedEvent e)
    {
        switch (e.Type)
        {
            case "thread_created":
                _snapshot.Owner = e.UserId;
                _snapshot.CreatedAt = e.At.ToUnixTimeMilliseconds();
                _snapshot.Title = e.Payload.Text("title");
                _snapshot.Realm = e.Payload.Text("realm");
                _snapshot.Members = e.Payload.Texts("members") ?? [];
                break;
            case "thread_updated":
                _snapshot.Title = e.Payload.Text("title") ?? _snapshot.Title;
                _snapshot.Members = e.Payload.Texts("members") ?? _snapshot.Members;
                break;
            case "thread_deleted":
                _snapshot.Deleted = true;
                _snapshot.OpenInputs.Clear();
                break;
            case "user_message" when e.Payload.Text("run_id") is { } asked && !_snapshot.Runs.ContainsKey(asked) && !IsClosed(asked):
                _snapshot.Runs[asked] = new RunState { AgentName = e.AgentName ?? "", Since = e.At.ToUnixTimeMilliseconds(), UserId = e.UserId };
                break;
            case "agent_started":
                string? user = _snapshot.Runs.TryGetValue(e.RunId!, out RunState? requested) ? requested.UserId : e.UserId;
                _snapshot.Runs[e.RunId!] = new RunState { AgentName = e.Payload.Text("agent_name") ?? "", Since = e.At.ToUnixTimeMilliseconds(), UserId = user, Started = true };
                break;
            case "tool_executing" when _snapshot.Runs.TryGetValue(e.RunId!, out RunState? run):
                run.Calls[e.Payload.Text("tool_call_id")!] = new OpenCall(e.Payload.Text("tool_name")!, e.At.ToUnixTimeMilliseconds());
                break;
            case "tool_completed" when _snapshot.Runs.TryGetValue(e.RunId!, out RunState? run):
                run.Calls[e.Payload.Text("tool_call_id")!] = null;
                break;
            case "agent_completed":
                Close(e.RunId!);
                break;
            case "input_requested":
                _snapshot.OpenInputs[e.Payload.Text("request_id")!] = new InputRequest(e.RunId, e.Payload.Time("expires_at"));
                break;
            case "input_provided":
                _snapshot.OpenInputs.Remove(e.Payload.Text("request_id")!);
                break;
        }

        bool first = !_snapshot.Exists;
        _snapshot.Exists = true;
        Facts = first || e.Type.StartsWith("thread_", StringComparison.Ordinal) ? MakeFacts() : Facts;
    }

    public ReadOnlyMemory<byte> Save() => JsonSerializer.SerializeToUtf8Bytes(_snapshot, AgentStateJson.Default.ThreadSnapshot);

    /// <summary>The events that end a run properly: a result for every open call, then its completion.</summary>
    public IReadOnlyList<EventDraft> Ending(string runId, RunStatus status, string reason, DateTimeOffset now)
    {
        if (!_snapshot.Runs.TryGetValue(runId, out RunState? run))
        {
            return [];
        }

        var events = new List<EventDraft>();
        if (!run.Started)
        {
            events.Add(EventDraft.ByHub("agent_started", new AgentStarted(run.AgentName), runId, run.AgentName, run.UserId));
        }

        foreach ((string callId, OpenCall call) in run.OpenCalls)
        {
            var completed = new ToolCompleted(callId, call.ToolName, ToolStatus.Abandoned, Since(call.Since), Error: reason);
            events.Add(EventDraft.ByHub("tool_completed", completed, runId, run.AgentName, run.UserId));
        }

        events.Add(EventDraft.ByHub("agent_completed", new AgentCompleted(status, Since(run.Since), Error: reason), runId, run.AgentName, run.UserId));
        return events;

        long Since(long from) => Math.Max(0, now.ToUnixTimeMilliseconds() - from);
    }

    private HubError? CheckStart(EventDraft draft)
    {
        if (draft.RunId is null)
        {
            return HubError.Invalid("run_id", "is missing: agent_started begins a run.");
        }

        return (_snapshot.Runs.TryGetValue(draft.RunId, out RunState? run) && run.Started) || IsClosed(draft.RunId)
            ? new HubError(ErrorCodes.RunConflict, $"Run '{draft.RunId}' has started before.")
            : null;
    }

    private HubError? CheckRun(EventDraft draft, bool required, out RunState? run)
    {
        run = null;
        if (draft.RunId is null)
        {
            return required ? HubError.Invalid("run_id", $"is missing: {draft.Type} belongs to a run.") : null;
        }

        if (_snapshot.Runs.TryGetValue(draft.RunId, out run) && run.Started)
        {
            return null;
        }

        return IsClosed(draft.RunId)
            ? new HubError(ErrorCodes.RunClosed, $"Run '{draft.RunId}' has ended; nothing may follow its agent_completed.")
            : new HubError(ErrorCodes.RunNotStarted, $"Run '{draft.RunId}' has no agent_started yet.");
    }

    private static HubError? CheckCallIsNew(EventDraft draft, RunState run) =>
        run.Calls.ContainsKey(draft.Payload.Text("tool_call_id")!)
            ? new HubError(ErrorCodes.RunConflict, "payload.tool_call_id: was used before in this run.").With("field", "payload.tool_call_id")
            : null;

    private static HubError? CheckCallIsOpen(EventDraft draft, RunState run)
    {
        if (!run.Calls.TryGetValue(draft.Payload.Text("tool_call_id")!, out OpenCall? call) || call is null)
        {
            return new HubError(ErrorCodes.ToolNotExecuting, "payload.tool_call_id: no such call is under way in this run.").With("field", "payload.tool_call_id");
        }

        return draft.Payload.Text("tool_name") == call.ToolName
            ? null
            : new HubError(ErrorCodes.RunConflict, $"payload.tool_name: the call is one of '{call.ToolName}'.").With("field", "payload.tool_name");
    }

    private static HubError? CheckNoOpenCalls(EventDraft draft, RunState run)
    {
        string open = string.Join(", ", run.OpenCalls.Select(c => c.Key));
        return open.Length == 0
            ? null
            : new HubError(ErrorCodes.RunConflict, $"Run '{draft.RunId}' has calls under way; complete them first: {open}.").With("open_calls", open);
    }

    private HubError? CheckRequestIsNew(EventDraft draft) =>
        _snapshot.OpenInputs.ContainsKey(draft.Payload.Text("request_id")!)
            ? new HubError(ErrorCodes.RunConflict, "payload.request_id: is open in this thread.").With("field", "payload.request_id")
            : null;

    private HubError? CheckRequestIsInTime(EventDraft draft) =>
        draft.Payload.Time("expires_at") <= _time.GetUtcNow().ToUnixTimeMilliseconds()
            ? HubError.Invalid("payload.expires_at", "is over by the hub's clock.")
            : null;

    private HubError? CheckInput(EventDraft draft) =>
        _snapshot.OpenInputs.ContainsKey(draft.Payload.Text("request_id") ?? "")
            ? null
            : new HubError(ErrorCodes.NotFound, "There is no open input request of this id.");

    private void Close(string runId)
    {
        _snapshot.Runs.Remove(runId);
        foreach (string request in _snapshot.OpenInputs.Where(i => i.Value.Run == runId).Select(i => i.Key).ToList())
        {
            _snapshot.OpenInputs.Remove(request);
        }

        _snapshot.ClosedRuns.Remove(runId);
        _snapshot.ClosedRuns.Add(runId);
        if (_snapshot.ClosedRuns.Count > RememberedRuns)
        {
            _snapshot.ClosedRuns.RemoveAt(0);
        }
    }

    /// <summary>A deleted thread is nobody's, and so answers as one that never was.</summary>
    private StreamFacts MakeFacts() => _snapshot.Deleted ? StreamFacts.Missing : new(_snapshot.Exists, _snapshot.Owner, _snapshot.Members, _snapshot.Realm);
}
