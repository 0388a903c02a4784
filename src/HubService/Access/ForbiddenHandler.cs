using HubService.Contracts;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace HubService.Access;

/// <summary>Gives a refusal by policy the same body as every other refusal; other schemes' endpoints keep their own answer.</summary>
internal sealed class ForbiddenHandler : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        bool ours = policy.AuthenticationSchemes.Contains(JwtBearerDefaults.AuthenticationScheme);
        return authorizeResult.Forbidden && ours
            ? Problem.WriteAsync(context, new HubError(ErrorCodes.Forbidden, "This token's roles do not allow it."))
            : _default.HandleAsync(next, context, policy, authorizeResult);
    }
}
