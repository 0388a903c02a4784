using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.Extensions.Options;

namespace HubService.Agents;

/// <summary>
/// Every open run of this node with the time by which its publisher must show life. A run whose lease ends is ended by the
/// hub. The runs follow from the threads' projections, so a restarted node finds them again. Publishers choose the ids of
/// runs, so two threads may hold the same one.
/// </summary>
internal sealed class RunLeases(IOptions<AgentOptions> options, TimeProvider time, HubMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string RunId), List<Lease>> _runs = [];
    private readonly Dictionary<string, HashSet<Lease>> _held = new(StringComparer.Ordinal);

    /// <summary>A run in hand.</summary>
    private sealed class Lease(StreamKey thread, string runId)
    {
        public StreamKey Thread { get; } = thread;

        public string RunId { get; } = runId;

        /// <summary>The connection that publishes it, or was asked to.</summary>
        public string? Holder { get; set; }

        public long Until { get; set; }

        public RunStatus Ending { get; set; } = RunStatus.Abandoned;

        public string Reason { get; set; } = "The publisher went away.";
    }

    /// <summary>The threads with an open run of this id, and the connection that publishes it.</summary>
    public IReadOnlyList<(StreamKey Thread, string? Holder)> Find(string tenant, string runId)
    {
        lock (_gate)
        {
            return _runs.TryGetValue((tenant, runId), out List<Lease>? leases) ? [.. leases.Select(l => (l.Thread, l.Holder))] : [];
        }
    }

    /// <summary>How many runs a connection has in hand.</summary>
    public int CountOf(string connectionId)
    {
        lock (_gate)
        {
            return _held.TryGetValue(connectionId, out HashSet<Lease>? leases) ? leases.Count : 0;
        }
    }

    /// <summary>Notes that a worker was asked for a run, before the thread says so.</summary>
    public void Ask(StreamKey thread, string runId, string workerConnection)
    {
        lock (_gate)
        {
            Lease lease = GetUnsynchronized(thread, runId);
            HoldUnsynchronized(lease, workerConnection);
            lease.Until = In(options.Value.StartTimeout);
            lease.Reason = "The agent did not start in time.";
        }
    }

    public void Forget(StreamKey thread, string runId)
    {
        lock (_gate)
        {
            ForgetUnsynchronized(thread, runId);
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
        }
    }

    /// <summary>Extends a run's lease; null when there is no such run.</summary>
    public DateTimeOffset? Heartbeat(StreamKey thread, string runId, string? connectionId)
    {
        lock (_gate)
        {
            if (FindUnsynchronized(thread, runId) is not { } lease)
            {
                return null;
            }

            ExtendUnsynchronized(lease, connectionId);
            return time.GetUtcNow() + Left(lease);
        }
    }

    /// <summary>Starts the grace time of everything the connection had in hand.</summary>
    public void Disconnected(string connectionId)
    {
        lock (_gate)
        {
            foreach (Lease lease in _held.TryGetValue(connectionId, out HashSet<Lease>? leases) ? [.. leases] : Array.Empty<Lease>())
            {
                HoldUnsynchronized(lease, null);
                lease.Until = Math.Min(lease.Until, In(options.Value.DisconnectGrace));
            }
        }
    }

    /// <summary>Gives the publisher a last time to end the run by itself.</summary>
    public void Cancelling(StreamKey thread, string runId, string reason)
    {
        lock (_gate)
        {
            if (FindUnsynchronized(thread, runId) is { } lease)
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
        List<Lease> due;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            due = [.. _runs.Values.SelectMany(l => l).Where(l => l.Until <= now)];
        }

        int ended = 0;
        foreach (Lease lease in due)
        {
            Outcome outcome = await streams.SubmitAsync(lease.Thread, state => StillDue(lease)
                ? new Decision(((ThreadState)state).Ending(lease.RunId, lease.Ending, lease.Reason, time.GetUtcNow()))
                : Decision.Look(null));
            if (outcome.Error is null && StillDue(lease))
            {
                Forget(lease.Thread, lease.RunId);
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
                if (FindUnsynchronized(thread, runId) is null)
                {
                    GetUnsynchronized(thread, runId).Until = In(options.Value.HttpLease);
                }
            }
        }
    }

    private void Renew(StreamKey thread, ThreadState state, EventDraft draft)
    {
        lock (_gate)
        {
            if (draft.Type == "agent_completed")
            {
                metrics.RunEnded(draft.Payload.TryGetProperty("status", out System.Text.Json.JsonElement status) ? status.GetString() ?? "" : "");
                ForgetUnsynchronized(thread, draft.RunId!);
                return;
            }

            if (!state.Runs.ContainsKey(draft.RunId!))
            {
                return;
            }

            Lease lease = GetUnsynchronized(thread, draft.RunId!);
            if (lease.Ending != RunStatus.Cancelled)
            {
                lease.Reason = "The publisher went away.";
                ExtendUnsynchronized(lease, draft.ConnectionId);
            }
        }
    }

    private void ExtendUnsynchronized(Lease lease, string? connectionId)
    {
        HoldUnsynchronized(lease, connectionId ?? lease.Holder);
        if (lease.Ending != RunStatus.Cancelled)
        {
            lease.Until = In(lease.Holder is null ? options.Value.HttpLease : options.Value.ConnectionLease);
        }
    }

    private void HoldUnsynchronized(Lease lease, string? connectionId)
    {
        if (lease.Holder == connectionId)
        {
            return;
        }

        if (lease.Holder is { } before && _held.TryGetValue(before, out HashSet<Lease>? held) && held.Remove(lease) && held.Count == 0)
        {
            _held.Remove(before);
        }

        lease.Holder = connectionId;
        if (connectionId is not null)
        {
            if (!_held.TryGetValue(connectionId, out HashSet<Lease>? now))
            {
                _held[connectionId] = now = [];
            }

            now.Add(lease);
        }
    }

    private Lease? FindUnsynchronized(StreamKey thread, string runId) =>
        _runs.TryGetValue((thread.Tenant, runId), out List<Lease>? leases) ? leases.Find(l => l.Thread == thread) : null;

    private Lease GetUnsynchronized(StreamKey thread, string runId)
    {
        if (FindUnsynchronized(thread, runId) is { } known)
        {
            return known;
        }

        if (!_runs.TryGetValue((thread.Tenant, runId), out List<Lease>? leases))
        {
            leases = _runs[(thread.Tenant, runId)] = [];
        }

        var lease = new Lease(thread, runId);
        leases.Add(lease);
        return lease;
    }

    private void ForgetUnsynchronized(StreamKey thread, string runId)
    {
        if (FindUnsynchronized(thread, runId) is not { } lease)
        {
            return;
        }

        HoldUnsynchronized(lease, null);
        List<Lease> leases = _runs[(thread.Tenant, runId)];
        leases.Remove(lease);
        if (leases.Count == 0)
        {
            _runs.Remove((thread.Tenant, runId));
        }
    }

    private long In(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    private TimeSpan Left(Lease lease) => TimeSpan.FromSeconds((lease.Until - time.GetTimestamp()) / (double)time.TimestampFrequency);
}
