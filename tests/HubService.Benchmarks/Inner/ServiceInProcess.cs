using System.Globalization;
using HubService.Benchmarks.Load.Servers;
using HubService.Contracts;
using HubService.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace HubService.Benchmarks.Inner;

/// <summary>The whole service in this process, so that its parts are measured as they are put together, on a store of its own.</summary>
internal sealed class ServiceInProcess : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _directory;
    private readonly RedisProcess? _redis;

    private ServiceInProcess(WebApplication app, string directory, RedisProcess? redis) => (_app, _directory, _redis) = (app, directory, redis);

    public static StreamKey Stream { get; } = new("t", StreamKind.Project, "bench");

    public IEventLog Log => Get<IEventLog>();

    /// <summary>The stores that there are on this machine.</summary>
    public static IEnumerable<string> Stores =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "redis-server"))) ? ["memory", "sqlite", "redis"] : ["memory", "sqlite"];

    public static async Task<ServiceInProcess> StartAsync(string store)
    {
        string directory = Directory.CreateTempSubdirectory("hubservice-inner-").FullName;
        RedisProcess? redis = store == "redis" ? await RedisProcess.StartAsync(CancellationToken.None) : null;
        string[] arguments =
        [
            "--urls", $"http://127.0.0.1:{Ports.Free().ToString(CultureInfo.InvariantCulture)}", "--Logging:LogLevel:Default", "Error",
            "--Streams:Store", store, "--Sqlite:Path", Path.Combine(directory, "hub.db"),
            .. redis is null ? [] : new[] { "--Redis:Connection", $"127.0.0.1:{redis.Port.ToString(CultureInfo.InvariantCulture)}" },
            .. LoadToken.Settings.SelectMany(s => new[] { $"--{s.Name}", s.Value }),
        ];
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        WebApplication app = builder.AddHubService().Build();
        app.MapHubService();
        await app.StartAsync();
        return new ServiceInProcess(app, directory, redis);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _redis?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
