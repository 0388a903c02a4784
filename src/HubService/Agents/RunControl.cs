using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Agents;

/// <summary>Cancels runs and keeps them alive, wherever their leases are.</summary>
internal sealed class RunControl(OpenStreams streams, Authorizer authorizer, RunLeases leases, HeldRuns held, KeeperCalls calls, IHubContext<AgentHub, IAgentClient> hub)
{
    /// <summary>Answers the other nodes. Called once, before the cluster starts.</summary>
    public void Listen()
    {
        calls.Answer(AgentCalls.Cancel, CancelHereAsync);
        calls.Answer(AgentCalls.Heartbeat, HeartbeatHereAsync);
    }

    /// <summary>A run's id does not say which thread it runs in, so that every keeper is asked.</summary>
    public Task<Accepted> CancelAsync(Principal caller, string? runId, string? reason) =>
        AnywhereAsync(AgentCalls.Cancel, new RunCall(caller, runId ?? "", Reason: reason), CancelHereAsync);

    /// <summary>Extends the lease of a run, which the connection then holds.</summary>
    public Task<LeaseResult> HeartbeatAsync(Principal caller, string? runId, string handle) =>
        AnywhereAsync(AgentCalls.Heartbeat, new RunCall(caller, runId ?? "", Handle: handle), HeartbeatHereAsync);

    /// <summary>The same for a run that is published over HTTP.</summary>
    public Task<LeaseResult> HeartbeatAsync(Principal caller, StreamKey thread, string runId)
    {
        var call = new RunCall(caller, runId, thread);
        return calls.RunAsync(thread, AgentCalls.Heartbeat, () => call, () => HeartbeatHereAsync(call));
    }

    private async Task<TAnswer> AnywhereAsync<TAnswer>(NodeCall<RunCall, TAnswer> call, RunCall asked, Func<RunCall, Task<TAnswer>> here)
        where TAnswer : HubResult, new()
    {
        TAnswer mine = await here(asked);
        if (mine.Error is null)
        {
            return mine;
        }

        (IReadOnlyList<TAnswer> answers, bool all) = await calls.AskOthersAsync(call, asked);
        if (answers.FirstOrDefault(a => a.Error is null) is { } done)
        {
            return done;
        }

        if (!all)
        {
            return new TAnswer { Error = new HubError(ErrorCodes.OutcomeUnknown, $"Not every node said whether it knows of run '{asked.Run}'.") };
        }

        // Who asks may have been sent the run's first event before the rules have heard of it.
        return asked.Settled ? mine : await AnywhereAsync(call, asked with { Settled = true }, here);
    }

    private async Task<Accepted> CancelHereAsync(RunCall call)
    {
        foreach ((StreamKey thread, string? holder) in await FindAsync(call))
        {
            if (await authorizer.CheckAsync(call.Caller, Operation.Send, thread.StreamId) is null)
            {
                leases.Cancelling(thread, call.Run, call.Reason ?? "Cancelled by the user.");
                if (holder is not null)
                {
                    await hub.Clients.Client(holder).CancelRequested(new CancelRequest(new RunId(call.Run), new ThreadId(thread.Id), call.Reason));
                }

                return new Accepted();
            }
        }

        return await AtKeepersAsync(AgentCalls.Cancel, call, isHeartbeat: false, CancelHereAsync) ?? new Accepted { Error = NoRun(call.Run) };
    }

    private async Task<LeaseResult> HeartbeatHereAsync(RunCall call)
    {
        foreach ((StreamKey thread, _) in await FindAsync(call))
        {
            if (await authorizer.CheckAsync(call.Caller, Operation.Publish, thread.StreamId) is null && leases.Heartbeat(thread, call.Run, call.Handle) is { } until)
            {
                return new LeaseResult { LeaseUntil = until };
            }
        }

        return await AtKeepersAsync(AgentCalls.Heartbeat, call, isHeartbeat: true, HeartbeatHereAsync) ?? new LeaseResult { Error = NoRun(call.Run) };
    }

    /// <summary>The leases of the run that this node has. A thread that is named is looked at first: this node may not have heard of the run yet.</summary>
    private async Task<IReadOnlyList<(StreamKey Thread, string? Holder)>> FindAsync(RunCall call)
    {
        if (call.Thread is not { } named)
        {
            // The rules may not have heard of a run's last event yet, nor of its first.
            await (call.Settled
                ? streams.SettledAsync(call.Caller.Tenant, StreamKind.Thread)
                : streams.SettledAsync(leases.Find(call.Caller.Tenant, call.Run).Select(l => l.Thread)));
            return leases.Find(call.Caller.Tenant, call.Run);
        }

        await streams.SubmitAsync(named, state =>
        {
            if (call.Handle is { } handle)
            {
                leases.Announced(named, (ThreadState)state, call.Run, handle);
            }

            return Decision.Look(null);
        });
        return [.. leases.Find(call.Caller.Tenant, call.Run).Where(l => l.Thread == named)];
    }

    /// <summary>Names the thread to its keeper, when a connection of this node publishes the run; null when none does.</summary>
    private async Task<TAnswer?> AtKeepersAsync<TAnswer>(NodeCall<RunCall, TAnswer> call, RunCall asked, bool isHeartbeat, Func<RunCall, Task<TAnswer>> here)
        where TAnswer : HubResult, new()
    {
        if (asked.Thread is null)
        {
            foreach ((StreamKey thread, string holder) in held.Find(asked.Caller.Tenant, asked.Run))
            {
                RunCall named = asked with { Thread = thread, Handle = isHeartbeat ? asked.Handle : holder };
                if (await calls.RunAsync(thread, call, () => named, () => here(named)) is { Error: null } done)
                {
                    return done;
                }
            }
        }

        return null;
    }

    private static HubError NoRun(string run) => new(ErrorCodes.NotFound, $"There is no open run '{run}' for you.");
}
