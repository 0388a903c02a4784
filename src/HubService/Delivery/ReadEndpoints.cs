using HubService.Access;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Reading streams over HTTP: pages, and server-sent events that resume by <c>Last-Event-ID</c>.</summary>
internal static class ReadEndpoints
{
    /// <summary>Maps <c>{prefix}/{id}/events</c> (GET) and <c>{prefix}/{id}/stream</c> for one stream kind.</summary>
    public static RouteGroupBuilder MapReads(this RouteGroupBuilder api, string prefix, string kind)
    {
        RouteGroupBuilder group = api.MapGroup(prefix).WithTags(prefix.Trim('/'));
        group.MapGet("/{id}/events", async (string id, string? after, string? before, int? limit, Caller caller, Authorizer authorizer, StreamPages pages, CancellationToken cancellationToken) =>
                await authorizer.CheckAsync(caller.Principal, Operation.Read, new StreamId(kind, id), cancellationToken) is { } error
                    ? Answer.Problem(error)
                    : Answer.Of(await pages.ReadAsync(new StreamKey(caller.Principal.Tenant, kind, id), after, before, limit, cancellationToken)))
            .WithName($"read_{kind}_events").WithSummary("A page of the stream, in order.").Produces<EventPage>();
        group.MapGet("/{id}/stream", async (string id, string? after, HttpContext context, Caller caller, Authorizer authorizer, StreamTail tail) =>
            {
                string? sent = context.Request.Headers["Last-Event-ID"].FirstOrDefault();
                string? last = sent ?? after;
                HubError? error = last is not null && !StreamPosition.TryParse(last, out _)
                    ? HubError.Invalid(sent is null ? "after" : "Last-Event-ID", "text of the form epoch:seq is expected.")
                    : await authorizer.CheckAsync(caller.Principal, Operation.Read, new StreamId(kind, id), context.RequestAborted);
                if (error is not null)
                {
                    await Problem.WriteAsync(context, error);
                    return;
                }

                StreamPosition? position = StreamPosition.TryParse(last, out StreamPosition p) ? p : null;
                await tail.WriteAsync(context, new StreamKey(caller.Principal.Tenant, kind, id), position, caller.Principal);
            })
            .WithName($"follow_{kind}").WithSummary("The stream as server-sent events; the id of each is its position.").Produces<string>(contentType: "text/event-stream");
        return api;
    }
}
