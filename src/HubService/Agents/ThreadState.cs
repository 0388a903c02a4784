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

    private readonly ThreadSnapshot _s;

    public ThreadState(ThreadSnapshot snapshot)
    {
        _s = snapshot;
        Facts = MakeFacts();
    }

    public StreamFacts Facts { get; private set; }

    public bool Unfinished => _s.Runs.Count > 0 || _s.OpenInputs.Values.Any(i => i.Until is not null);

    public bool Deleted => _s.Deleted;

    public string? Title => _s.Title;

    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds(_s.CreatedAt);

    public IReadOnlyDictionary<string, RunState> Runs => _s.Runs;

    /// <summary>What people are asked, by request_id.</summary>
    public IReadOnlyDictionary<string, InputRequest> InputRequests => _s.OpenInputs;

    public bool IsClosed(string runId) => _s.ClosedRuns.Contains(runId);

    public HubError? Check(EventDraft draft)
    {
        if (_s.Deleted)
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
            "input_provided" => CheckInput(draft),
            _ => CheckRun(draft, required: false, out _),
        };
    }

    public void Apply(in PlacedEvent e)
    {
        switch (e.Type)
        {
            case "thread_created":
                _s.Owner = e.UserId;
                _s.CreatedAt = e.At.ToUnixTimeMilliseconds();
                _s.Title = Text(e.Payload, "title");
                _s.Realm = Text(e.Payload, "realm");
                _s.Members = Texts(e.Payload, "members") ?? [];
                break;
            case "thread_updated":
                _s.Title = Text(e.Payload, "title") ?? _s.Title;
                _s.Members = Texts(e.Payload, "members") ?? _s.Members;
                break;
            case "thread_deleted":
                _s.Deleted = true;
                _s.OpenInputs.Clear();
                break;
            case "user_message" when Text(e.Payload, "run_id") is { } asked && !_s.Runs.ContainsKey(asked) && !IsClosed(asked):
                _s.Runs[asked] = new RunState { AgentName = e.AgentName ?? "", Since = e.At.ToUnixTimeMilliseconds(), UserId = e.UserId };
                break;
            case "agent_started":
                string? user = _s.Runs.TryGetValue(e.RunId!, out RunState? requested) ? requested.UserId : e.UserId;
                _s.Runs[e.RunId!] = new RunState { AgentName = Text(e.Payload, "agent_name") ?? "", Since = e.At.ToUnixTimeMilliseconds(), UserId = user, Started = true };
                break;
            case "tool_executing" when _s.Runs.TryGetValue(e.RunId!, out RunState? run):
                run.Calls[Text(e.Payload, "tool_call_id")!] = new OpenCall(Text(e.Payload, "tool_name")!, e.At.ToUnixTimeMilliseconds());
                break;
            case "tool_completed" when _s.Runs.TryGetValue(e.RunId!, out RunState? run):
                run.Calls[Text(e.Payload, "tool_call_id")!] = null;
                break;
            case "agent_completed":
                Close(e.RunId!);
                break;
            case "input_requested":
                _s.OpenInputs[Text(e.Payload, "request_id")!] = new InputRequest(e.RunId, Time(e.Payload, "expires_at"));
                break;
            case "input_provided":
                _s.OpenInputs.Remove(Text(e.Payload, "request_id")!);
                break;
        }

        bool first = !_s.Exists;
        _s.Exists = true;
        Facts = first || e.Type.StartsWith("thread_", StringComparison.Ordinal) ? MakeFacts() : Facts;
    }

    public ReadOnlyMemory<byte> Save() => JsonSerializer.SerializeToUtf8Bytes(_s, AgentStateJson.Default.ThreadSnapshot);

    /// <summary>The events that end a run properly: a result for every open call, then its completion.</summary>
    public IReadOnlyList<EventDraft> Ending(string runId, RunStatus status, string reason, DateTimeOffset now)
    {
        if (!_s.Runs.TryGetValue(runId, out RunState? run))
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

        return (_s.Runs.TryGetValue(draft.RunId, out RunState? run) && run.Started) || IsClosed(draft.RunId)
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

        if (_s.Runs.TryGetValue(draft.RunId, out run) && run.Started)
        {
            return null;
        }

        return IsClosed(draft.RunId)
            ? new HubError(ErrorCodes.RunClosed, $"Run '{draft.RunId}' has ended; nothing may follow its agent_completed.")
            : new HubError(ErrorCodes.RunNotStarted, $"Run '{draft.RunId}' has no agent_started yet.");
    }

    private static HubError? CheckCallIsNew(EventDraft draft, RunState run) =>
        run.Calls.ContainsKey(Text(draft.Payload, "tool_call_id")!)
            ? new HubError(ErrorCodes.RunConflict, "payload.tool_call_id: was used before in this run.").With("field", "payload.tool_call_id")
            : null;

    private static HubError? CheckCallIsOpen(EventDraft draft, RunState run) =>
        run.Calls.TryGetValue(Text(draft.Payload, "tool_call_id")!, out OpenCall? call) && call is not null
            ? null
            : new HubError(ErrorCodes.ToolNotExecuting, "payload.tool_call_id: no such call is under way in this run.").With("field", "payload.tool_call_id");

    private static HubError? CheckNoOpenCalls(EventDraft draft, RunState run)
    {
        string open = string.Join(", ", run.OpenCalls.Select(c => c.Key));
        return open.Length == 0
            ? null
            : new HubError(ErrorCodes.RunConflict, $"Run '{draft.RunId}' has calls under way; complete them first: {open}.").With("open_calls", open);
    }

    private HubError? CheckInput(EventDraft draft) =>
        _s.OpenInputs.ContainsKey(Text(draft.Payload, "request_id") ?? "")
            ? null
            : new HubError(ErrorCodes.NotFound, "There is no open input request of this id.");

    private void Close(string runId)
    {
        _s.Runs.Remove(runId);
        foreach (string request in _s.OpenInputs.Where(i => i.Value.Run == runId).Select(i => i.Key).ToList())
        {
            _s.OpenInputs.Remove(request);
        }

        _s.ClosedRuns.Remove(runId);
        _s.ClosedRuns.Add(runId);
        if (_s.ClosedRuns.Count > RememberedRuns)
        {
            _s.ClosedRuns.RemoveAt(0);
        }
    }

    /// <summary>A deleted thread is nobody's, and so answers as one that never was.</summary>
    private StreamFacts MakeFacts() => _s.Deleted ? StreamFacts.Missing : new(_s.Exists, _s.Owner, _s.Members, _s.Realm);

    private static string? Text(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Time(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out DateTimeOffset time) ? time.ToUnixTimeMilliseconds() : null;

    private static List<string>? Texts(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)]
            : null;
}
