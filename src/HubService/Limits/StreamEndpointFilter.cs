using HubService.Access;
using HubService.Contracts;
using HubService.Telemetry;
using Microsoft.Extensions.Options;

namespace HubService.Limits;

/// <summary>A stream of server-sent events counts as one of its subject's connections for as long as it is open.</summary>
internal sealed class StreamEndpointFilter(PrincipalReader principals, ConnectionCounts counts, IOptions<LimitOptions> options, HubMetrics metrics) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        if (!http.IsEventStream() || principals.Read(http.User).Principal is not { } principal)
        {
            return await next(context);
        }

        string connection = $"sse:{http.Connection.Id}:{http.TraceIdentifier}";
        if (!await counts.TryAddAsync(principal, connection, options.Value.ConnectionsPerUser))
        {
            metrics.Refused(ErrorCodes.ConnectionLimit);
            return Answer.Problem(new HubError(ErrorCodes.ConnectionLimit, $"You have {options.Value.ConnectionsPerUser} connections already.").With("limit", options.Value.ConnectionsPerUser));
        }

        try
        {
            return await next(context);
        }
        finally
        {
            counts.Remove(principal, connection);
        }
    }
}
