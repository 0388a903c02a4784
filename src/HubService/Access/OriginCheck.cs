using HubService.Contracts;
using Microsoft.Extensions.Primitives;

namespace HubService.Access;

/// <summary>Refuses requests of pages that <see cref="OriginPolicy"/> does not know, before an upgrade: CORS does not guard WebSockets.</summary>
internal sealed partial class OriginCheck(RequestDelegate next, OriginPolicy policy, ILogger<OriginCheck> logger)
{
    private static readonly PathString[] Guarded = ["/hubs", "/api", "/ws", "/ag-ui"];

    public Task InvokeAsync(HttpContext context)
    {
        StringValues origin = context.Request.Headers.Origin;
        if (origin.Count == 0 || !Array.Exists(Guarded, p => context.Request.Path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase)))
        {
            return next(context);
        }

        string own = $"{context.Request.Scheme}://{context.Request.Host}";
        if (origin.Count == 1 && origin[0] is { } value && policy.Allows(value, own))
        {
            return next(context);
        }

        LogRefused(context.Request.Path);
        return Problem.WriteAsync(context, new HubError(ErrorCodes.Forbidden, $"This origin may not connect: list it in {AccessOptions.Section}:AllowedOrigins."));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Refused a request to {Path}: its origin is not allowed")]
    private partial void LogRefused(PathString path);
}
