using HubService.Access;
using HubService.Agents;
using HubService.Cluster;
using HubService.Delivery;
using HubService.Inspector;
using HubService.Limits;
using HubService.Projects;
using HubService.Publishing;
using HubService.Telemetry;
using HubService.Wire;

namespace HubService;

/// <summary>The service as a library: <c>builder.AddHubService()</c>, then <c>app.MapHubService()</c>.</summary>
public static class HubServiceBuilder
{
    /// <summary>Registers the service, capability by capability, in the order in which an event passes them.</summary>
    public static WebApplicationBuilder AddHubService(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddTelemetry();
        builder.Services.AddAccess();
        builder.Services.AddHubs();
        builder.Services.AddWire();
        builder.Services.AddLimits();
        builder.Services.AddPublishing();
        builder.Services.AddAgents();
        builder.Services.AddProjects();
        builder.Services.AddCluster();
        builder.Services.AddStreams(builder.Configuration);
        builder.Services.AddDelivery();
        builder.Services.AddProblems();
        builder.Services.AddSingleton<NodeTakeover>();
        builder.Services.AddHostedService(static s => s.GetRequiredService<NodeTakeover>());
        builder.Services.AddSingleton<IdleMemory>();
        builder.Services.AddHostedService<BackgroundPasses>();
        builder.Services.AddStartLog();
        builder.Services.AddOpenApi("v1", ApiDocument.Configure);
        return builder;
    }

    /// <summary>Maps the hubs, the HTTP interface, the contract, health, metrics and the page.</summary>
    public static WebApplication MapHubService(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseOrigins();
        app.AnswerOrigins();
        app.UseDrain();
        app.UseWire();
        app.UseRouting();
        app.UseHubEntrance();
        app.UseProblems();
        app.UsePlainBodies();
        app.UseAuthentication();
        app.UseAuthorization();

        app.MapHubs();
        app.MapHttpApi();
        app.MapDevelopmentTokens();
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapContract();
        app.MapHealth();
        app.MapMetrics();
        app.MapInspector();
        app.AnswerOtherNodes();
        app.DrainOnStop();
        return app;
    }
}
