using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace HubService.Wire;

/// <summary>Registers the short way between a hub and the sockets of its connections.</summary>
internal static class WireServices
{
    public static IServiceCollection AddWire(this IServiceCollection services)
    {
        services.AddOptions<WireOptions>()
            .BindConfiguration("Wire", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(static o => o.Gather >= TimeSpan.Zero && o.Gather <= TimeSpan.FromSeconds(1) && o.CloseTimeout > TimeSpan.Zero, "Wire: Gather is between 0 and 1 second, CloseTimeout is greater than 0.")
            .ValidateOnStart();
        services.AddSingleton<Gatherer>();
        return services;
    }

    /// <summary>Watches for requests that become WebSockets; to be called before anything that accepts them.</summary>
    public static void UseWire(this WebApplication app)
    {
        WireOptions options = app.Services.GetRequiredService<IOptions<WireOptions>>().Value;
        if (!options.Direct)
        {
            return;
        }

        Gatherer gatherer = app.Services.GetRequiredService<Gatherer>();
        TimeProvider time = app.Services.GetRequiredService<TimeProvider>();
        app.Use((context, next) =>
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
            {
                return next(context);
            }

            var direct = new DirectConnection(upgrade, context.Features, gatherer, options.CloseTimeout, time);
            context.Features.Set<IHttpUpgradeFeature>(direct);
            context.Features.Set(direct);
            return RunAsync(context, next, direct);
        });
    }

    /// <summary>Lets a hub's connection read and write directly, where its transport is such a WebSocket; its endpoint is to be marked by <see cref="WithDirectReads"/>.</summary>
    /// <param name="callsOf">What takes the calls of a connection before SignalR does.</param>
    public static IConnectionBuilder UseDirect(this IConnectionBuilder connections, Func<ConnectionContext, IDirectCalls> callsOf) => connections.Use(next => connection =>
    {
        connection.Features.Get<IHttpContextFeature>()?.HttpContext?.Features.Get<DirectConnection>()?.Attach(connection, callsOf);
        return next(connection);
    });

    /// <summary>Tells before the connection is there that it will be attached.</summary>
    public static ConnectionEndpointRouteBuilder WithDirectReads(this ConnectionEndpointRouteBuilder endpoint)
    {
        endpoint.Add(static e => e.Metadata.Add(new DirectConnection.AttachedMetadata()));
        return endpoint;
    }

    private static async Task RunAsync(HttpContext context, RequestDelegate next, DirectConnection direct)
    {
        try
        {
            await next(context);
        }
        finally
        {
            await direct.EndAsync();
        }
    }
}
