using HubService.Access;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Agents;

/// <summary>Cancels runs and keeps them alive, wherever their leases are.</summary>
internal sealed class RunControl(OpenStreams streams, Authorizer authorizer, RunLeases leases, KeeperCalls calls, IHubContext<AgentHub, IAgentClient> hub)
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
        return answers.FirstOrDefault(a => a.Error is null)
            ?? (all ? mine : new TAnswer { Error = new HubError(ErrorCodes.OutcomeUnknown, $"Not every node said whether it knows of run '{asked.Run}'.") });
    }

    private async Task<Accepted> CancelHereAsync(RunCall call)
    {
        foreach ((StreamKey thread, string? holder) in leases.Find(call.Caller.Tenant, call.Run))
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

        return new Accepted { Error = NoRun(call.Run) };
    }

    private async Task<LeaseResult> HeartbeatHereAsync(RunCall call)
    {
        IEnumerable<StreamKey> threads = leases.Find(call.Caller.Tenant, call.Run).Select(l => l.Thread);
        if (call.Thread is { } named)
        {
            // A node that keeps the thread since a moment ago finds its runs by looking at it.
            await streams.SubmitAsync(named, static _ => Decision.Look(null));
            threads = [named];
        }

        foreach (StreamKey thread in threads)
        {
            if (await authorizer.CheckAsync(call.Caller, Operation.Publish, thread.StreamId) is null && leases.Heartbeat(thread, call.Run, call.Handle) is { } until)
            {
                return new LeaseResult { LeaseUntil = until };
            }
        }

        return new LeaseResult { Error = NoRun(call.Run) };
    }

    private static HubError NoRun(string run) => new(ErrorCodes.NotFound, $"There is no open run '{run}' for you.");
}
