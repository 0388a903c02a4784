using System.Text.Json;
using HubService.Client;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using SupportAgent;
using TrainingPipeline;

namespace Quickstart;

/// <summary>The agent and the pipeline, as the workers they would be in another process: they reach the hub over its own port.</summary>
internal sealed partial class DemoWorkers(
    IServer server,
    IHostApplicationLifetime lifetime,
    IConfiguration configuration,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService
{
    private static readonly JsonElement TokenRequest = JsonElement.Parse("""{"subject":"demo-worker","roles":["worker","publisher"],"streams":["thread:*","project:*"]}""");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        using CancellationTokenRegistration onStart = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        Uri url = LocalUrl(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        ILogger logger = loggers.CreateLogger<DemoWorkers>();
        LogReady(logger, url);

        await using var agents = new AgentClient(Options(url));
        await using var projects = new ProjectClient(Options(url));
        SupportAgentOptions agentOptions = configuration.GetSection("SupportAgent").Get<SupportAgentOptions>() ?? new();
        PipelineOptions pipelineOptions = configuration.GetSection("TrainingPipeline").Get<PipelineOptions>() ?? new();
        pipelineOptions.OutputDirectory = AssetFiles.Directory(configuration);
        await using var pipeline = new PipelineWorker(projects, pipelineOptions, time);
        try
        {
            await Task.WhenAll(
                new SupportWorker(agents, SupportAgents.Create(agentOptions, time)).RunAsync(["guide", "liaison:content", "support"], stoppingToken),
                pipeline.RunAsync(["*"], stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    private HubServiceClientOptions Options(Uri url) => new()
    {
        Url = url,
        AccessToken = (_, cancellationToken) => GetTokenAsync(url, cancellationToken),
        TimeProvider = time,
        LoggerFactory = loggers,
    };

    private static async ValueTask<string?> GetTokenAsync(Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = url };
        using HttpResponseMessage response = await http.PostAsJsonAsync(
            "/api/dev/token", TokenRequest, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("access_token").GetString();
    }

    private static Uri LocalUrl(string address)
    {
        var url = new Uri(address.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal));
        return url.Host is "0.0.0.0" or "[::]" ? new UriBuilder(url) { Host = "localhost" }.Uri : url;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Open {Url} and ask the guide, or start the pipeline")]
    private static partial void LogReady(ILogger logger, Uri url);
}
