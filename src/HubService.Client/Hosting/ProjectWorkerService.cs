using Microsoft.Extensions.Hosting;

namespace HubService.Client;

/// <summary>Serves projects while the host runs, with one worker for all of them.</summary>
internal sealed class ProjectWorkerService<T>(HubServiceClientOptions options, IReadOnlyList<string> patterns, Func<T> worker) : BackgroundService
    where T : class, IProjectWorker
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using ProjectClient client = new(options);
        await client.ServeAsync(patterns, worker(), stoppingToken);
    }
}
