using HubService.Access;

namespace HubService.Delivery;

/// <summary>While the node drains, requests that change something or stay open are sent on to another node; reading goes on.</summary>
internal sealed class DrainEndpointFilter(Drain drain) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpRequest request = context.HttpContext.Request;
        bool begins = !HttpMethods.IsGet(request.Method) || context.HttpContext.IsEventStream();
        return drain.Started && begins ? ValueTask.FromResult<object?>(Answer.Problem(Drain.Refusal)) : next(context);
    }
}
