using HubService.Access;
using HubService.Telemetry;

namespace HubService.Limits;

/// <summary>Lets a subject's publishes over HTTP through at the rate of a hub connection; a request counts once, whatever it holds.</summary>
internal sealed class PublishRateEndpointFilter(PrincipalReader principals, MessageRates rates, HubMetrics metrics) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        if (principals.Read(http.User).Principal is { } principal && rates.TakeOverHttp(principal) is { } refused)
        {
            metrics.Refused(refused.Code);
            return ValueTask.FromResult<object?>(Answer.Problem(refused));
        }

        return next(context);
    }
}
