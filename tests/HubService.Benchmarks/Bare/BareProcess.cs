using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HubService.Benchmarks.Bare;

/// <summary>The process of the hub of comparison: as lean as SignalR gets by configuration. It ends with its input.</summary>
internal static class BareProcess
{
    /// <param name="arguments">The port, and where Redis is if there are several nodes.</param>
    public static async Task RunAsync(string[] arguments)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, int.Parse(arguments[0], CultureInfo.InvariantCulture), listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSignalR();
        if (arguments.Length > 1)
        {
            builder.Services.AddSingleton(await RedisBridge.ConnectAsync(arguments[1]));
            builder.Services.AddSingleton<HubLifetimeManager<BareHub>, BridgedLifetimeManager>();
        }

        await using WebApplication app = builder.Build();
        app.MapHub<BareHub>("/hub", hub => hub.Transports = HttpTransportType.WebSockets);
        app.MapGet("/health/startup", () => Results.Ok());
        await app.StartAsync();
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Whoever started it holds its input open.
        }
    }
}
