using System.Collections.Concurrent;
using System.Diagnostics;
using HubService.Access;
using HubService.Telemetry;
using HubService.Tests.Access;
using Microsoft.AspNetCore.SignalR;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace HubService.Tests.Telemetry;

/// <summary>Telemetry and access on a real port, with a hub, every log line and every span kept.</summary>
internal sealed class TelemetryHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TelemetryHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public HubMetrics Metrics => _app.Services.GetRequiredService<HubMetrics>();

    public LogCapture Logs => _app.Services.GetRequiredService<LogCapture>();

    public SpanCapture Spans => _app.Services.GetRequiredService<SpanCapture>();

    public static async Task<TelemetryHost> StartAsync(params (string Name, string? Value)[] settings)
    {
        // The framework's own attributes, url.query among them, are off by default in this release and on in the next.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(AccessHost.UserJwtsConfiguration)));
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, s.Value)));
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddRouting();
        builder.Services.AddSignalR();
        builder.Services.AddSingleton<LogCapture>();
        builder.Services.AddSingleton<ILoggerProvider>(s => s.GetRequiredService<LogCapture>());
        builder.Services.AddSingleton<SpanCapture>();
        builder.Services.AddSingleton<Action<TracerProviderBuilder>>(s => b => b.AddProcessor(s.GetRequiredService<SpanCapture>()));
        builder.Services.AddSingleton<IStreamFacts, NoFacts>();
        builder.Services.AddAccess();
        builder.Services.AddTelemetry();

        WebApplication app = builder.Build();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHub<EchoHub>("/hubs/agent").RequireAuthorization(AccessServices.TokenPolicy);
        app.MapGet("/health/live", () => "ok");
        app.MapGet("/sick", () => Results.StatusCode(503));
        app.MapMetrics();
        await app.StartAsync();
        return new TelemetryHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    public sealed class EchoHub : Hub
    {
        public string Echo(string text) => Context.Items.Count == 0 ? text : "";
    }

    private sealed class NoFacts : IStreamFacts
    {
        public ValueTask<StreamFacts> OfAsync(string tenant, HubService.Contracts.StreamId stream, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(StreamFacts.Missing);
    }
}

/// <summary>Keeps every span that an exporter would get.</summary>
internal sealed class SpanCapture : BaseProcessor<Activity>
{
    public ConcurrentQueue<Activity> Spans { get; } = new();

    public override void OnEnd(Activity data) => Spans.Enqueue(data);
}
