using HubService.Cluster;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>
/// What people are asked in the threads this node keeps, by request and by thread. A request whose time is over is closed by the hub. Agents
/// choose the ids of their requests, so two threads may hold the same one.
/// </summary>
internal sealed class OpenInputs(Keepers keepers, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string RequestId), HashSet<StreamKey>> _threads = [];

    /// <summary>Each thread's open requests, by request_id.</summary>
    private readonly Dictionary<StreamKey, IReadOnlyDictionary<string, InputRequest>> _requests = [];

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The threads in which a person was asked for this and may still answer.</summary>
    public IReadOnlyList<StreamKey> Find(string tenant, string requestId)
    {
        lock (_gate)
        {
            long now = Now;
            return _threads.TryGetValue((tenant, requestId), out HashSet<StreamKey>? threads) ? [.. threads.Where(t => keepers.IsMine(t) && !_requests[t][requestId].IsOver(now))] : [];
        }
    }

    /// <summary>The thread's request of this id that still takes an answer; null when there is none.</summary>
    public InputRequest? Awaited(ThreadState state, string requestId) =>
        state.OpenInputs.GetValueOrDefault(requestId) is { } open && !open.IsOver(Now) ? open : null;

    /// <summary>Takes over what a thread's projection says after a load or a batch.</summary>
    public void Settled(StreamKey thread, ThreadState state, IReadOnlyList<EventDraft> kept)
    {
        if (kept.Count > 0 && !kept.Any(e => e.Type is "input_requested" or "input_provided" or "agent_completed" or "thread_deleted"))
        {
            return;
        }

        lock (_gate)
        {
            ForgetUnsynchronized(thread);
            foreach (string request in state.OpenInputs.Keys)
            {
                AddUnsynchronized(thread, request);
            }

            if (state.OpenInputs.Count > 0)
            {
                // A copy: the projection goes on.
                _requests[thread] = new Dictionary<string, InputRequest>(state.OpenInputs, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>One pass: closes every request whose time is over, and forgets those of threads that another node keeps; returns how many it closed.</summary>
    public async Task<int> ExpireOnceAsync(OpenStreams streams)
    {
        List<(StreamKey Thread, string Request)> due;
        lock (_gate)
        {
            long now = Now;
            foreach (StreamKey other in _requests.Keys.Where(t => !keepers.IsMine(t)).ToList())
            {
                ForgetUnsynchronized(other);
            }

            due = [.. _requests.SelectMany(t => t.Value.Where(r => r.Value.IsOver(now)).Select(r => (t.Key, r.Key)))];
        }

        int closed = 0;
        foreach ((StreamKey thread, string request) in due)
        {
            Outcome outcome = await streams.SubmitAsync(thread, state => ((ThreadState)state).OpenInputs.GetValueOrDefault(request) is { } open && open.IsOver(Now)
                ? Decision.Append(EventDraft.ByHub("input_provided", InputProvided.Unanswered(request), open.Run))
                : Decision.Look(null));
            closed += outcome.Refusal is null ? outcome.Results.Count : 0;
        }

        return closed;
    }

    private void ForgetUnsynchronized(StreamKey thread)
    {
        if (_requests.Remove(thread, out IReadOnlyDictionary<string, InputRequest>? before))
        {
            foreach (string request in before.Keys)
            {
                RemoveUnsynchronized(thread, request);
            }
        }
    }

    private void AddUnsynchronized(StreamKey thread, string request)
    {
        if (!_threads.TryGetValue((thread.Tenant, request), out HashSet<StreamKey>? threads))
        {
            _threads[(thread.Tenant, request)] = threads = [];
        }

        threads.Add(thread);
    }

    private void RemoveUnsynchronized(StreamKey thread, string request)
    {
        if (_threads.TryGetValue((thread.Tenant, request), out HashSet<StreamKey>? threads) && threads.Remove(thread) && threads.Count == 0)
        {
            _threads.Remove((thread.Tenant, request));
        }
    }
}
