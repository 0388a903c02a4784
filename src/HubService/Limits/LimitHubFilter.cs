using System.Text.Json;
using HubService.Access;
using HubService.Contracts;
using HubService.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace HubService.Limits;

/// <summary>Lets a connection in when its token is good and its subject has room, and its messages through at the allowed rate.</summary>
internal sealed class LimitHubFilter(PrincipalReader principals, ConnectionCounts counts, MessageRates rates, IOptions<LimitOptions> options, HubMetrics metrics) : IHubFilter
{
    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        PrincipalResult read = principals.Read(context.Context.User);
        if (read.Principal is not { } principal)
        {
            throw Refused(read.Error ?? new HubError(ErrorCodes.Unauthorized, "Not authenticated."));
        }

        LimitOptions limits = options.Value;
        if (!await counts.TryAddAsync(principal, context.Context.ConnectionId, limits.ConnectionsPerUser))
        {
            throw Refused(new HubError(ErrorCodes.ConnectionLimit, $"You have {limits.ConnectionsPerUser} connections already.").With("limit", limits.ConnectionsPerUser));
        }

        ConnectionPrincipal.Set(context.Context.Features, principal);
        context.Context.Features.Set(rates.BucketOf(principal));
        metrics.ConnectionOpened();
        await next(context);
    }

    public async Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        if (ConnectionPrincipal.Find(context.Context.Features) is { Principal: var principal })
        {
            counts.Remove(principal, context.Context.ConnectionId);
            metrics.ConnectionClosed();
        }

        await next(context, exception);
    }

    /// <summary>Null when the connection may send one more message.</summary>
    public static HubError? Take(IFeatureCollection connection) =>
        connection.Get<TokenBucket>() is { } bucket ? MessageRates.Take(bucket) : null;

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        return Take(invocationContext.Context.Features) is { } refused ? throw new HubRefusal(refused) : next(invocationContext);
    }

    private HubException Refused(HubError error)
    {
        metrics.Refused(error.Code);
        return new HubException(JsonSerializer.Serialize(error, ContractJson.Default.HubError));
    }
}
