using HubService.Cluster;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.Extensions.Options;

namespace HubService.Agents;

/// <summary>
/// Every open run of the threads this node keeps, with the time by which its publisher must show life. A run whose lease ends is
/// ended by the hub. The runs follow from the threads' projections, so a restarted node, or the next keeper, finds them again.
/// </summary>
internal sealed class RunLeases(IOptions<AgentOptions> options, Keepers keepers, GoneConnections gone, DeputyNotes deputies, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LeaseTable _leases = new(deputies.Held, deputies.Ended);

    /// <summary>The threads with an open run of this id that this node keeps, and the connection that publishes it.</summary>
    public IReadOnlyList<(StreamKey Thread, string? Holder)> Find(string tenant, string runId)
    {
        lock (_gate)
        {
            return [.. _leases.Of(tenant, runId).Where(l => keepers.IsMine(l.Thread)).Select(l => (l.Thread, l.Holder))];
        }
    }

    /// <summary>How many runs of this node's threads a connection has in hand.</summary>
    public int CountOf(string handle)
    {
        lock (_gate)
        {
            return _leases.HeldBy(handle).Count;
        }
    }

    /// <summary>The threads of those runs.</summary>
    public IReadOnlyList<StreamKey> ThreadsOf(string handle)
    {
        lock (_gate)
        {
            return [.. _leases.HeldBy(handle).Select(l => l.Thread)];
        }
    }

    /// <summary>Counts them for every connection that has any.</summary>
    public Dictionary<string, int> Counts()
    {
        lock (_gate)
        {
            return _leases.Holders.ToDictionary(h => h, h => _leases.HeldBy(h).Count, StringComparer.Ordinal);
        }
    }

    /// <summary>Notes that a worker was asked for a run, before the thread says so.</summary>
    public void Ask(StreamKey thread, string runId, string worker)
    {
        lock (_gate)
        {
            Lease lease = _leases.Get(thread, runId);
            _leases.Hold(lease, worker);
            lease.Until = In(options.Value.StartTimeout);
            lease.Reason = "The agent did not start in time.";
        }
    }

    public void Forget(StreamKey thread, string runId)
    {
        lock (_gate)
        {
            _leases.Forget(thread, runId);
        }
    }

    /// <summary>Takes over what a thread's projection says after a load or a batch.</summary>
    public void Settled(StreamKey thread, ThreadState state, IReadOnlyList<EventDraft> kept)
    {
        lock (_gate)
        {
            if (kept.Count == 0)
            {
                AdoptUnsynchronized(thread, state);
                return;
            }

            foreach (EventDraft draft in kept)
            {
                if (draft.RunId is not null)
                {
                    RenewUnsynchronized(thread, state, draft);
                }
            }
        }
    }

    /// <summary>Takes over who publishes a run, from the node that has the connection, if this node does not know it.</summary>
    public void Announced(StreamKey thread, ThreadState state, string runId, string handle)
    {
        lock (_gate)
        {
            if (state.Runs.ContainsKey(runId) && _leases.Find(thread, runId) is { Found: true } lease)
            {
                ExtendUnsynchronized(lease, handle);
            }
        }
    }

    /// <summary>Extends a run's lease; null when there is no such run.</summary>
    public DateTimeOffset? Heartbeat(StreamKey thread, string runId, string? handle)
    {
        lock (_gate)
        {
            if (_leases.Find(thread, runId) is not { } lease)
            {
                return null;
            }

            ExtendUnsynchronized(lease, handle);
            return time.GetUtcNow() + Left(lease);
        }
    }

    /// <summary>Starts the grace time of everything the connection had in hand.</summary>
    public void Disconnected(string handle)
    {
        gone.Note(handle);
        lock (_gate)
        {
            ReleaseUnsynchronized(handle);
        }
    }

    /// <summary>The same for every connection of nodes that died.</summary>
    public void Gone(IReadOnlyList<string> nodes)
    {
        lock (_gate)
        {
            foreach (string handle in _leases.Holders.Where(h => nodes.Contains(Handles.NodeOf(h))).ToList())
            {
                ReleaseUnsynchronized(handle);
            }
        }
    }

    /// <summary>Tells the deputies who publishes the runs, after they may have become others.</summary>
    public void TellDeputies()
    {
        lock (_gate)
        {
            foreach (Lease lease in _leases.All.Where(l => l.Holder is not null))
            {
                deputies.Held(lease);
            }
        }
    }

    /// <summary>Gives the publisher a last time to end the run by itself.</summary>
    public void Cancelling(StreamKey thread, string runId, string reason)
    {
        lock (_gate)
        {
            if (_leases.Find(thread, runId) is { } lease)
            {
                lease.Ending = RunStatus.Cancelled;
                lease.Reason = reason;
                lease.Until = Math.Min(lease.Until, In(options.Value.CancelTimeout));
            }
        }
    }

    /// <summary>One pass: ends every run whose lease is over, and forgets those of threads that another node keeps; returns how many ended.</summary>
    public async Task<int> ExpireOnceAsync(OpenStreams streams)
    {
        int ended = 0;
        foreach (Lease lease in Due())
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

    private List<Lease> Due()
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            foreach (Lease other in _leases.All.Where(l => !keepers.IsMine(l.Thread)).ToList())
            {
                _leases.Forget(other.Thread, other.RunId);
            }

            return [.. _leases.All.Where(l => l.Until <= now)];
        }
    }

    private bool StillDue(Lease lease)
    {
        lock (_gate)
        {
            return lease.Until <= time.GetTimestamp();
        }
    }

    private void AdoptUnsynchronized(StreamKey thread, ThreadState state)
    {
        foreach (string ended in _leases.Of(thread).Where(l => l.Told && !state.Runs.ContainsKey(l.RunId)).Select(l => l.RunId).ToList())
        {
            _leases.Forget(thread, ended);
        }

        foreach (string runId in state.Runs.Keys)
        {
            if (_leases.Find(thread, runId) is { } known)
            {
                known.Told = true;
            }
            else
            {
                FoundUnsynchronized(_leases.Get(thread, runId));
            }
        }
    }

    /// <summary>Begins the lease of a run that was under way before this node knew of it.</summary>
    private void FoundUnsynchronized(Lease lease)
    {
        lease.Told = true;
        string? holder = deputies.HolderOf(lease.Thread, lease.RunId);
        if (holder is { Length: > 0 } && !gone.Contains(holder))
        {
            _leases.Hold(lease, holder);
            lease.Until = In(options.Value.ConnectionLease);
        }
        else
        {
            lease.Found = true;
            lease.Until = In(holder is null ? options.Value.HttpLease : options.Value.DisconnectGrace);
        }
    }

    private void RenewUnsynchronized(StreamKey thread, ThreadState state, EventDraft draft)
    {
        if (draft.Type == "agent_completed")
        {
            _leases.Forget(thread, draft.RunId!);
            return;
        }

        if (!state.Runs.ContainsKey(draft.RunId!))
        {
            return;
        }

        Lease lease = _leases.Get(thread, draft.RunId!);
        lease.Told = true;
        if (lease.Ending != RunStatus.Cancelled)
        {
            lease.Reason = "The publisher went away.";
            ExtendUnsynchronized(lease, draft.ConnectionId);
        }
    }

    private void ExtendUnsynchronized(Lease lease, string? handle)
    {
        lease.Found = false;
        if (handle is not null && gone.Contains(handle))
        {
            // The last words of a connection: nobody is left to say more.
            if (lease.Holder is null || lease.Holder == handle)
            {
                _leases.Hold(lease, null);
                lease.Until = lease.Ending == RunStatus.Cancelled ? lease.Until : In(options.Value.DisconnectGrace);
            }

            return;
        }

        _leases.Hold(lease, handle ?? lease.Holder);
        if (lease.Ending != RunStatus.Cancelled)
        {
            lease.Until = In(lease.Holder is null ? options.Value.HttpLease : options.Value.ConnectionLease);
        }
    }

    private void ReleaseUnsynchronized(string handle)
    {
        foreach (Lease lease in _leases.HeldBy(handle).ToList())
        {
            _leases.Hold(lease, null);
            lease.Until = Math.Min(lease.Until, In(options.Value.DisconnectGrace));
        }
    }

    private long In(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    private TimeSpan Left(Lease lease) => TimeSpan.FromSeconds((lease.Until - time.GetTimestamp()) / (double)time.TimestampFrequency);
}
