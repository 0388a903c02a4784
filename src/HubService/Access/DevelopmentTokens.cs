using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace HubService.Access;

/// <summary>Hands out tokens to whoever sits at the developer's own machine, so that <c>dotnet run</c> needs no set-up.</summary>
internal static class DevelopmentTokens
{
    internal const string Path = "/api/dev/token";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>
    /// <c>POST /api/dev/token</c> {subject?, roles?, realms?, streams?, tenant?} → {access_token, token_type, expires_at, subject,
    /// tenant}. Exists only in Development, and there only for requests from this machine to a loopback name without a proxy between.
    /// </summary>
    public static IEndpointRouteBuilder MapDevelopmentTokens(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            endpoints.MapPost(Path, AnswerAsync).AllowAnonymous().ExcludeFromDescription();
        }

        return endpoints;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (!IsLocal(context) || context.RequestServices.GetRequiredService<TokenKeys>().Signing is not { } signing)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        DevelopmentTokenRequest? asked = await ReadAsync(context);
        if (asked is null)
        {
            await Problem.WriteAsync(context, new HubError(ErrorCodes.InvalidJson, "Expected an object {subject?, roles?, realms?, streams?, tenant?}."));
            return;
        }

        if (Check(asked) is { } error)
        {
            await Problem.WriteAsync(context, error);
            return;
        }

        DateTimeOffset now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        DateTimeOffset expires = DateTimeOffset.FromUnixTimeSeconds((now + Lifetime).ToUnixTimeSeconds());
        string subject = asked.Subject ?? Ids.New("user-");
        string tenant = asked.Tenant ?? context.RequestServices.GetRequiredService<Microsoft.Extensions.Options.IOptions<AccessOptions>>().Value.DefaultTenant;
        JsonObject claims = new()
        {
            ["iss"] = signing.Issuer,
            ["aud"] = signing.Audience,
            ["sub"] = subject,
            ["tenant"] = tenant,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["roles"] = Array(asked.Roles ?? ["user"]),
            ["realms"] = Array(asked.Realms ?? []),
            ["streams"] = Array(asked.Streams ?? ["project:*"]),
        };
        var credentials = new SigningCredentials(signing.Key, SecurityAlgorithms.HmacSha256) { CryptoProviderFactory = BearerTokens.Uncached };
        string token = new JsonWebTokenHandler().CreateToken(claims.ToJsonString(), credentials);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(
            new DevelopmentToken(token, "Bearer", expires, subject, tenant), DevelopmentTokenJson.Default.DevelopmentToken, cancellationToken: context.RequestAborted);
    }

    // The Host check stops pages that rebind their name to this machine; the proxy check stops "local" meaning "the proxy next door".
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote)
        && IsLoopbackName(context.Request.Host.Host)
        && !context.Request.Headers.Keys.Any(k => k.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
            || k.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase)
            || k.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase)
            || k.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
            || k.Equals("Via", StringComparison.OrdinalIgnoreCase));

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static async Task<DevelopmentTokenRequest?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength is 0 or null && !context.Request.Headers.ContainsKey("Transfer-Encoding"))
        {
            return new DevelopmentTokenRequest();
        }

        try
        {
            return context.Request.ContentLength > 16 * 1024 || !context.Request.HasJsonContentType()
                ? null
                : await context.Request.ReadFromJsonAsync(DevelopmentTokenJson.Default.DevelopmentTokenRequest, context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HubError? Check(DevelopmentTokenRequest asked)
    {
        if (asked.Subject is { } subject && !PrincipalReader.IsSubject(subject))
        {
            return HubError.Invalid("subject", PrincipalReader.SubjectRule);
        }

        if (asked.Tenant is { } tenant && !Ids.IsValid(tenant))
        {
            return HubError.InvalidId("tenant");
        }

        return asked.Roles?.FirstOrDefault(r => PrincipalReader.RoleOf(r) is null) is { } unknown
            ? HubError.Invalid("roles", $"'{unknown}' is none of user, publisher, worker, admin.")
            : null;
    }

    private static JsonArray Array(IEnumerable<string> values) => [.. values.Select(v => (JsonNode)v)];
}
