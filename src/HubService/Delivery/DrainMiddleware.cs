using HubService.Access;
using Microsoft.AspNetCore.Http.Features;

namespace HubService.Delivery;

/// <summary>
/// While the node drains, whoever wants to connect to a hub is refused before there is a connection: a client that is
/// reconnecting then waits as its policy says and asks again. Connections that there are go on.
/// </summary>
internal sealed class DrainMiddleware(RequestDelegate next, Drain drain)
{
    public Task InvokeAsync(HttpContext context) =>
        drain.Started && context.Request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase) && Connects(context)
            ? Problem.WriteAsync(context, Drain.Refusal)
            : next(context);

    private static bool Connects(HttpContext context) =>
        context.Request.Path.Value!.EndsWith("/negotiate", StringComparison.OrdinalIgnoreCase)
        || context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };
}
