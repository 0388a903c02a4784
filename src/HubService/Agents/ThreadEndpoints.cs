using HubService.Access;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Streams;
using HubService.Validation;

namespace HubService.Agents;

/// <summary>Threads and their members over HTTP.</summary>
internal static class ThreadEndpoints
{
    public static RouteGroupBuilder MapThreads(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/threads").WithTags("threads");
        group.MapGet("", async (Caller caller, Threads threads) => Answer.Of(await threads.ListAsync(caller.Principal)))
            .WithName("list_threads").Produces<ThreadList>();
        group.MapPost("", async (Caller caller, JsonBody body, Threads threads) =>
                !caller.Principal.Is(Roles.User | Roles.Admin) ? Answer.Problem(new HubError(ErrorCodes.Forbidden, "Only a user may create a thread."))
                : body.TryRead(out CreateThread? request, out HubError? error) ? Answer.Of(await threads.CreateAsync(caller.Principal, request), StatusCodes.Status201Created)
                : Answer.Problem(error))
            .WithName("create_thread").Accepts<CreateThread>("application/json").Produces<ThreadResult>(StatusCodes.Status201Created);
        group.MapGet("/{id}", async (string id, Caller caller, Threads threads) => Answer.Of(await threads.GetAsync(caller.Principal, new ThreadId(id))))
            .WithName("get_thread").Produces<ThreadResult>();
        group.MapPatch("/{id}", async (string id, Caller caller, JsonBody body, Threads threads) =>
                body.TryRead(out ThreadChange? change, out HubError? error)
                    ? Answer.Of(await threads.UpdateAsync(caller.Principal, new ThreadId(id), change.Title))
                    : Answer.Problem(error))
            .WithName("update_thread").Accepts<ThreadChange>("application/json").Produces<ThreadResult>();
        group.MapDelete("/{id}", async (string id, Caller caller, Threads threads) => Answer.Of(await threads.DeleteAsync(caller.Principal, new ThreadId(id))))
            .WithName("delete_thread").Produces<Accepted>();
        group.MapGet("/{id}/members", async (string id, Caller caller, Threads threads) => Answer.Of(await threads.GetAsync(caller.Principal, new ThreadId(id))))
            .WithName("list_members").Produces<ThreadResult>();
        group.MapPut("/{id}/members/{subject}", async (string id, string subject, Caller caller, Threads threads) =>
                Answer.Of(await threads.UpdateAsync(caller.Principal, new ThreadId(id), null, members => [.. members, subject])))
            .WithName("add_member").Produces<ThreadResult>();
        group.MapDelete("/{id}/members/{subject}", async (string id, string subject, Caller caller, Threads threads) =>
                Answer.Of(await threads.UpdateAsync(caller.Principal, new ThreadId(id), null, members => members.Where(m => m != subject))))
            .WithName("remove_member").Produces<ThreadResult>();
        group.MapPost("/{id}/runs/{runId}/heartbeat", async (string id, string runId, Caller caller, Authorizer authorizer, RunControl runs) =>
                await authorizer.CheckAsync(caller.Principal, Operation.Publish, new StreamId(StreamKind.Thread, id)) is { } error ? Answer.Problem(error)
                : Answer.Of(await runs.HeartbeatAsync(caller.Principal, new StreamKey(caller.Principal.Tenant, StreamKind.Thread, id), runId)))
            .WithName("renew_run").WithSummary("Keeps a run that is published over HTTP and is quiet for a while.").Produces<LeaseResult>();
        return api;
    }
}
