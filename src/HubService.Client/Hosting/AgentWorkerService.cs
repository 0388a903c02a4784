using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HubService.Client;

/// <summary>Serves agents while the host runs: each request gets its own worker instance, from its own DI scope.</summary>
internal sealed class AgentWorkerService<T>(HubServiceClientOptions options, IReadOnlyList<string> names, int capacity, IServiceScopeFactory scopes)
    : BackgroundService
    where T : class, IAgentWorker
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using AgentClient client = new(options);
        await client.ServeAsync(names, capacity, RunAsync, stoppingToken);
    }

    private async Task RunAsync(AgentWork work, CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<T>().RunAsync(work, cancellationToken);
    }
}
