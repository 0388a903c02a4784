using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HubService.Tests;

/// <summary>The whole service on a free loopback port, with real sockets, its own store and Development tokens.</summary>
public sealed class HubHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string? _directory;

    private HubHost(WebApplication app, Uri url, string? directory)
    {
        _app = app;
        _directory = directory;
        Url = url;
    }

    public Uri Url { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="settings">Configuration, e.g. <c>("Limits:MessageBurst", "5")</c>. The store is memory unless it says sqlite.</param>
    public static Task<HubHost> StartAsync(params (string Name, string Value)[] settings) => StartAsync(null, settings);

    public static async Task<HubHost> StartAsync(Action<WebApplicationBuilder>? configure, params (string Name, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development", ContentRootPath = AppContext.BaseDirectory });
        string? directory = null;
        builder.Configuration["Streams:Store"] = "memory";
        builder.Configuration["Delivery:DrainTime"] = "00:00:00.2";
        foreach ((string name, string value) in settings)
        {
            builder.Configuration[name] = value;
        }

        if (builder.Configuration["Streams:Store"] == "sqlite" && builder.Configuration["Sqlite:Path"] is null)
        {
            directory = Directory.CreateTempSubdirectory("hubservice-").FullName;
            builder.Configuration["Sqlite:Path"] = Path.Combine(directory, "hub.db");
        }

        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddHubService();
        configure?.Invoke(builder);
        WebApplication app = builder.Build();
        app.MapHubService();
        await app.StartAsync();
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new HubHost(app, new Uri(address), directory);
    }

    /// <summary>A token as <c>POST /api/dev/token</c> hands it out.</summary>
    public async Task<string> TokenAsync(string subject, string[]? roles = null, string[]? streams = null, string[]? realms = null, string? tenant = null)
    {
        using var http = new HttpClient { BaseAddress = Url };
        using HttpResponseMessage response = await http.PostAsJsonAsync("/api/dev/token", new { subject, roles = roles ?? ["user"], streams = streams ?? ["project:*"], realms = realms ?? [], tenant = tenant ?? "default" });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    /// <summary>A token that may publish to and serve everything in its tenant.</summary>
    public Task<string> WorkerTokenAsync(string subject = "worker") => TokenAsync(subject, ["worker", "publisher"], ["thread:*", "project:*", "user:*"]);

    public async Task<HttpClient> HttpAsync(string token)
    {
        await Task.CompletedTask;
        var http = new HttpClient { BaseAddress = Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }
}
