using Microsoft.AspNetCore.Http.Features;

namespace HubService.Access;

/// <summary>
/// Lets a WebSocket whose token is good straight into its hub, and forgets the token. Whatever authentication, authorization and
/// the middleware around them make would otherwise be kept for as long as the connection is open. Everybody else, and whoever is
/// refused, takes the common way behind it.
/// </summary>
internal sealed class HubEntrance(RequestDelegate next, BearerTokens tokens)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { RequestDelegate: { } hub } endpoint
            || endpoint.Metadata.GetMetadata<TokenAlone>() is null
            || !IsSocket(context)
            || !BearerEvents.TryFindToken(context.Request, out string? token))
        {
            return next(context);
        }

        // Of a request that has ended nobody asks, and its cancellation would be one more thing to keep.
        ValueTask<TokenResult> checking = tokens.ValidateAsync(token, CancellationToken.None);
        return checking.IsCompletedSuccessfully ? Enter(context, hub, checking.Result) : EnterAsync(context, hub, checking);
    }

    /// <summary>Does the request ask to become a WebSocket? Proxies ask for an upgrade whatever the client wants, but not for this one.</summary>
    public static bool IsSocket(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method)
        && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        && string.Equals(context.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);

    private Task Enter(HttpContext context, RequestDelegate hub, TokenResult result)
    {
        if (result.User is not { } user)
        {
            return next(context);
        }

        context.User = user;
        Forget(context);
        return hub(context);
    }

    private async Task EnterAsync(HttpContext context, RequestDelegate hub, ValueTask<TokenResult> checking) => await Enter(context, hub, await checking);

    private static void Forget(HttpContext context)
    {
        context.Request.Headers.Authorization = default;
        if (context.Request.QueryString.HasValue && context.Request.Query.ContainsKey(BearerEvents.QueryName))
        {
            context.Request.QueryString = QueryString.Create(context.Request.Query.Where(static p => !p.Key.Equals(BearerEvents.QueryName, StringComparison.OrdinalIgnoreCase)));
            context.Features.Get<IHttpRequestFeature>()?.RawTarget = context.Request.Path;
        }
    }
}

/// <summary>Marks endpoints that ask for a good token and for nothing else.</summary>
internal sealed class TokenAlone
{
    public static readonly TokenAlone Instance = new();
}
