using HubService.Access;
using HubService.Agents;
using HubService.Inspector;
using HubService.Projects;
using HubService.Telemetry;

namespace HubService;

/// <summary>The service as a library: <c>builder.AddHubService()</c>, then <c>app.MapHubService()</c>.</summary>
public static class HubServiceBuilder
{
    /// <summary>Registers the service, capability by capability, in the order in which an event passes them.</summary>
    public static WebApplicationBuilder AddHubService(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHubServiceTelemetry(builder.Configuration);
        builder.Services.AddHubServiceAccess(builder.Configuration, builder.Environment);
        builder.Services.AddLimits(builder.Configuration);
        builder.Services.AddPublishing(builder.Configuration);
        builder.Services.AddAgents(builder.Configuration);
        builder.Services.AddProjects(builder.Configuration);
        builder.Services.AddStreams(builder.Configuration);
        builder.Services.AddDelivery(builder.Configuration);
        builder.Services.AddHubs();
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.Services.AddHostedService<BackgroundPasses>();
        builder.Services.AddOpenApi("v1", ApiDocument.Configure);
        return builder;
    }

    /// <summary>Maps the hubs, the HTTP interface, health, metrics and the page.</summary>
    public static WebApplication MapHubService(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseProblemDetails();
        app.UseHubServiceOrigins();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();

        app.MapServiceHub<AgentHub>("/hubs/agent");
        app.MapServiceHub<ProjectHub>("/hubs/project");
        app.MapApi();
        app.MapDevelopmentTokens();
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapHealth();
        app.MapMetrics();
        app.MapInspector();
        app.DrainOnStop();
        return app;
    }
}
