using HubService.Access;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Who follows a stream, over HTTP.</summary>
internal static class PresenceEndpoints
{
    /// <summary>Maps <c>{prefix}/{id}/presence</c> for one stream kind.</summary>
    public static RouteGroupBuilder MapPresence(this RouteGroupBuilder api, string prefix, string kind)
    {
        api.MapGroup(prefix).WithTags(prefix.Trim('/')).MapGet("/{id}/presence", async (string id, Caller caller, Authorizer authorizer, Presence presence, CancellationToken cancellationToken) =>
                await authorizer.CheckAsync(caller.Principal, Operation.Read, new StreamId(kind, id), cancellationToken) is { } error
                    ? Answer.Problem(error)
                    : Answer.Of(await presence.OfAsync(new StreamKey(caller.Principal.Tenant, kind, id))))
            .WithName($"get_{kind}_presence").WithSummary("Who follows the stream now, with how many connections.").Produces<PresenceResult>();
        return api;
    }
}
