using HubService.Contracts;
using Microsoft.Extensions.Options;

namespace HubService.Cluster;

/// <summary>Registers what nodes know of each other; a store that several nodes share brings its own <see cref="ICluster"/> and <see cref="ISharedCounts"/>.</summary>
internal static class ClusterServices
{
    public static IServiceCollection AddCluster(this IServiceCollection services)
    {
        services.AddOptions<ClusterOptions>()
            .BindConfiguration("Cluster", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(static o => o.Name.Length == 0 || (o.Name.Length <= 64 && Ids.IsValid(o.Name)), "Cluster:Name is 1 to 64 letters, digits, dots, underscores or hyphens, or empty.")
            .Validate(static o => o.NodeTimeout >= TimeSpan.FromSeconds(1), "Cluster:NodeTimeout is at least 1 second.")
            .ValidateOnStart();
        services.AddSingleton(static p => new NodeName(p.GetRequiredService<IOptions<ClusterOptions>>().Value.Name is { Length: > 0 } name ? name : Environment.MachineName.ToLowerInvariant()));
        services.AddSingleton<Keepers>();
        services.AddSingleton<ICluster, SingleNode>();
        services.AddSingleton<ISharedCounts, OwnCounts>();
        services.AddSingleton<Handles>();
        services.AddSingleton<KeeperCalls>();
        services.AddSingleton<GoneConnections>();
        return services;
    }
}
