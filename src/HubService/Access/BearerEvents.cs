using HubService.Contracts;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace HubService.Access;

/// <summary>
/// Plugs <see cref="BearerTokens"/> into the Bearer scheme. It answers from the first event, so the handler's own check
/// (which logs the token when it fails, and does not set an expiry) never runs.
/// </summary>
internal sealed class BearerEvents(BearerTokens tokens) : JwtBearerEvents
{
    /// <summary>How sockets bring their token in the address.</summary>
    public const string QueryName = "access_token";

    private static readonly object ErrorKey = new();

    public override async Task MessageReceived(MessageReceivedContext context)
    {
        if (!TryFindToken(context.Request, out string? token))
        {
            context.NoResult();
            return;
        }

        TokenResult result = await tokens.ValidateAsync(token, context.HttpContext.RequestAborted);
        if (result.Principal is not { } principal)
        {
            context.HttpContext.Items[ErrorKey] = result.Error;
            context.Fail(result.Error!.Message);
            return;
        }

        context.Principal = result.User;

        // What CloseOnAuthenticationExpiration goes by.
        context.Properties.ExpiresUtc = principal.ExpiresAt;
        context.Success();
    }

    public override Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        if (context.Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        HubError error = context.HttpContext.Items[ErrorKey] as HubError ?? new HubError(ErrorCodes.Unauthorized, "The token is missing or not valid.");
        if (error.Code == ErrorCodes.Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return Problem.WriteAsync(context.HttpContext, error);
    }

    /// <summary>The token that a request shows, if it shows it where it may.</summary>
    public static bool TryFindToken(HttpRequest request, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? token)
    {
        token = null;
        StringValues header = request.Headers.Authorization;
        if (header.Count > 0)
        {
            const string prefix = "Bearer ";
            if (header.Count == 1 && header[0] is { } value && value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                token = value[prefix.Length..].Trim();
            }
        }
        else if (MayUseQuery(request) && request.Query[QueryName] is { Count: 1 } query)
        {
            token = query[0];
        }

        return !string.IsNullOrEmpty(token);
    }

    // Browsers cannot set a header on WebSockets and EventSource. Anywhere else a token in an address is a leak waiting to happen.
    private static bool MayUseQuery(HttpRequest request)
    {
        bool isHub = request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase);
        if (HttpMethods.IsConnect(request.Method))
        {
            return isHub && request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
        }

        if (!HttpMethods.IsGet(request.Method))
        {
            return false;
        }

        return isHub
            ? request.HttpContext.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
                || request.Headers.Accept.Any(a => a?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true)
            : request.Path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase)
                && request.Path.Value!.EndsWith("/stream", StringComparison.OrdinalIgnoreCase);
    }
}
