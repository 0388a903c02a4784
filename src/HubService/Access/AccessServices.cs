using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace HubService.Access;

/// <summary>Registers who may come in: tokens, principals, the authoriser and the origins of browsers.</summary>
internal static class AccessServices
{
    /// <summary>For any valid token: <c>RequireAuthorization(AccessServices.TokenPolicy)</c>.</summary>
    public const string TokenPolicy = "hubservice";

    /// <summary>For tokens with the role <c>admin</c>.</summary>
    public const string AdminPolicy = "hubservice.admin";

    private const string CorsPolicy = "hubservice";

    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section, static o => o.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddOptions<BearerOptions>().BindConfiguration(BearerOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        services.AddSingleton<IValidateOptions<BearerOptions>, BearerOptionsValidator>();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PrincipalReader>();
        services.AddSingleton<TokenKeys>();
        services.AddSingleton<BearerTokens>();
        services.AddSingleton<Authorizer>();
        services.AddSingleton<OriginPolicy>();
        AddScheme(services);
        AddPolicies(services);
        return services;
    }

    /// <summary>Refuses foreign browser origins. Place it before anything that lets somebody in.</summary>
    public static IApplicationBuilder UseOrigins(this IApplicationBuilder app) => app.UseMiddleware<OriginCheck>();

    /// <summary>Answers the CORS questions of allowed browser origins, which no WebSocket asks. Place it before anything that refuses: a browser is shown no refusal without such an answer.</summary>
    public static IApplicationBuilder AnswerOrigins(this IApplicationBuilder app) => app.UseWhen(static context => !HubEntrance.IsSocket(context), static others => others.UseCors(CorsPolicy));

    /// <summary>The short way into a hub. Place it behind routing, and before all that would stay with an open connection.</summary>
    public static IApplicationBuilder UseHubEntrance(this IApplicationBuilder app) => app.UseMiddleware<HubEntrance>();

    private static void AddScheme(IServiceCollection services)
    {
        services.AddSingleton<BearerEvents>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(JwtBearerDefaults.AuthenticationScheme, _ => { });
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<IOptions<BearerOptions>>(static (scheme, bearer) =>
        {
            scheme.EventsType = typeof(BearerEvents);
            scheme.SaveToken = false;
            scheme.IncludeErrorDetails = false;
            scheme.RequireHttpsMetadata = bearer.Value.RequireHttpsMetadata;
            scheme.Authority = string.IsNullOrWhiteSpace(bearer.Value.Authority) ? null : bearer.Value.Authority;
        });
    }

    private static void AddPolicies(IServiceCollection services)
    {
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, ForbiddenHandler>();
        services.AddAuthorizationBuilder()
            .AddPolicy(TokenPolicy, p => p.AddAuthenticationSchemes(JwtBearerDefaults.AuthenticationScheme).RequireAuthenticatedUser())
            .AddPolicy(AdminPolicy, p => p.AddAuthenticationSchemes(JwtBearerDefaults.AuthenticationScheme)
                .RequireAssertion(c => c.User.Identity is PrincipalIdentity { Principal.Roles: var roles } && (roles & Roles.Admin) != 0));
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<OriginPolicy>(static (cors, origins) =>
            cors.AddPolicy(CorsPolicy, p => p
                .SetIsOriginAllowed(o => origins.Allows(o, null))
                .AllowAnyHeader()
                .AllowAnyMethod()
                .AllowCredentials()));
    }
}
