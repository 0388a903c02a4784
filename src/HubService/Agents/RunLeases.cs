using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.Extensions.Options;

namespace HubService.Agents;

/// <summary>
/// Every open run of this node with the time by which its publisher must show life. A run whose lease ends is ended by the
/// hub. The runs follow from the threads' projections, so a restarted node finds them again.
/// </summary>
internal sealed class RunLeases(IOptions<AgentOptions> options, TimeProvider time, HubMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string RunId), Lease> _runs = [];
    private readonly Dictionary<(string Tenant, string RequestId), StreamKey> _inputs = [];

    /// <summary>A run in hand.</summary>
    private sealed class Lease(StreamKey thread)
    {
        public StreamKey Thread { get; } = thread;

        /// <summary>The connection that publishes it, or was asked to.</summary>
        public string? Holder { get; set; }

        public long Until { get; set; }

        public RunStatus Ending { get; set; } = RunStatus.Abandoned;

        public string Reason { get; set; } = "The publisher went away.";
    }

    /// <summary>The thread of an open run, and the connection that publishes it.</summary>
    public (StreamKey Thread, string? Holder)? Find(string tenant, string runId)
    {
        lock (_gate)
        {
            return _runs.TryGetValue((tenant, runId), out Lease? lease) ? (lease.Thread, lease.Holder) : null;
        }
    }

    /// <summary>The thread in which a person was asked for this input.</summary>
    public StreamKey? FindInput(string tenant, string requestId)
    {
        lock (_gate)
        {
            return _inputs.TryGetValue((tenant, requestId), out StreamKey thread) ? thread : null;
        }
    }

    /// <summary>How many runs a connection has in hand.</summary>
    public int CountOf(string connectionId)
    {
        lock (_gate)
        {
            return _runs.Values.Count(l => l.Holder == connectionId);
        }
    }

    /// <summary>Notes that a worker was asked for a run, before the thread says so.</summary>
    public void Ask(StreamKey thread, string runId, string workerConnection)
    {
        lock (_gate)
        {
            _runs[(thread.Tenant, runId)] = new Lease(thread) { Holder = workerConnection, Until = In(options.Value.StartTimeout), Reason = "The agent did not start in time." };
        }
    }

    public void Forget(string tenant, string runId)
    {
        lock (_gate)
        {
            _runs.Remove((tenant, runId));
        }
    }

    /// <summary>Takes over what a thread's projection says after a load or a batch.</summary>
    public void Settled(StreamKey thread, ThreadState state, IReadOnlyList<EventDraft> kept)
    {
        if (kept.Count == 0)
        {
            Adopt(thread, state);
            return;
        }

        foreach (EventDraft draft in kept)
        {
            if (draft.RunId is not null)
            {
                Renew(thread, state, draft);
            }

            if (draft.Type is "input_requested" or "input_provided" or "agent_completed" or "thread_deleted")
            {
                SyncInputs(thread, state);
            }
        }
    }

    /// <summary>Extends a run's lease; null when there is no such run.</summary>
    public DateTimeOffset? Heartbeat(string tenant, string runId, string? connectionId)
    {
        lock (_gate)
        {
            if (!_runs.TryGetValue((tenant, runId), out Lease? lease))
            {
                return null;
            }

            Extend(lease, connectionId);
            return time.GetUtcNow() + Left(lease);
        }
    }

    /// <summary>Starts the grace time of everything the connection had in hand.</summary>
    public void Disconnected(string connectionId)
    {
        lock (_gate)
        {
            foreach (Lease lease in _runs.Values)
            {
                if (lease.Holder == connectionId)
                {
                    lease.Holder = null;
                    lease.Until = Math.Min(lease.Until, In(options.Value.DisconnectGrace));
                }
            }
        }
    }

    /// <summary>Gives the publisher a last time to end the run by itself.</summary>
    public void Cancelling(string tenant, string runId, string reason)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue((tenant, runId), out Lease? lease))
            {
                lease.Ending = RunStatus.Cancelled;
                lease.Reason = reason;
                lease.Until = Math.Min(lease.Until, In(options.Value.CancelTimeout));
            }
        }
    }

    /// <summary>One pass: ends every run whose lease is over; returns how many.</summary>
    public async Task<int> ExpireOnceAsync(OpenStreams streams)
    {
        List<(string RunId, Lease Lease)> due = [];
        lock (_gate)
        {
            long now = time.GetTimestamp();
            foreach (((string _, string runId), Lease lease) in _runs)
            {
                if (lease.Until <= now)
                {
                    due.Add((runId, lease));
                }
            }
        }

        int ended = 0;
        foreach ((string runId, Lease lease) in due)
        {
            Outcome outcome = await streams.SubmitAsync(lease.Thread, state => StillDue(lease)
                ? new Decision(((ThreadState)state).Ending(runId, lease.Ending, lease.Reason, time.GetUtcNow()))
                : Decision.Look(null));
            if (outcome.Error is null && StillDue(lease))
            {
                Forget(lease.Thread.Tenant, runId);
                ended++;
            }
        }

        return ended;
    }

    private bool StillDue(Lease lease)
    {
        lock (_gate)
        {
            return lease.Until <= time.GetTimestamp();
        }
    }

    private void Adopt(StreamKey thread, ThreadState state)
    {
        lock (_gate)
        {
            foreach (string runId in state.Runs.Keys)
            {
                _runs.TryAdd((thread.Tenant, runId), new Lease(thread) { Until = In(options.Value.HttpLease) });
            }
        }

        SyncInputs(thread, state);
    }

    private void Renew(StreamKey thread, ThreadState state, EventDraft draft)
    {
        (string, string) key = (thread.Tenant, draft.RunId!);
        lock (_gate)
        {
            if (draft.Type == "agent_completed")
            {
                metrics.RunEnded(draft.Payload.TryGetProperty("status", out System.Text.Json.JsonElement status) ? status.GetString() ?? "" : "");
                _runs.Remove(key);
                return;
            }

            if (!state.Runs.ContainsKey(draft.RunId!))
            {
                return;
            }

            if (!_runs.TryGetValue(key, out Lease? lease))
            {
                lease = _runs[key] = new Lease(thread);
            }

            if (lease.Ending != RunStatus.Cancelled)
            {
                lease.Reason = "The publisher went away.";
                Extend(lease, draft.ConnectionId);
            }
        }
    }

    private void Extend(Lease lease, string? connectionId)
    {
        lease.Holder = connectionId ?? lease.Holder;
        if (lease.Ending != RunStatus.Cancelled)
        {
            lease.Until = In(lease.Holder is null ? options.Value.HttpLease : options.Value.ConnectionLease);
        }
    }

    private void SyncInputs(StreamKey thread, ThreadState state)
    {
        lock (_gate)
        {
            foreach ((string Tenant, string RequestId) key in _inputs.Where(i => i.Value == thread && !state.InputRequests.ContainsKey(i.Key.RequestId)).Select(i => i.Key).ToList())
            {
                _inputs.Remove(key);
            }

            foreach (string request in state.InputRequests.Keys)
            {
                _inputs[(thread.Tenant, request)] = thread;
            }
        }
    }

    private long In(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    private TimeSpan Left(Lease lease) => TimeSpan.FromSeconds((lease.Until - time.GetTimestamp()) / (double)time.TimestampFrequency);
}
