using HubService.Cluster;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace HubService.Redis;

/// <summary>Registers what nodes that share a Redis know of each other, in place of what one node alone knows.</summary>
internal static class RedisClusterServices
{
    /// <summary>After the connection, and before what asks who keeps a stream: hosted services start in this order.</summary>
    public static IServiceCollection AddRedisCluster(this IServiceCollection services)
    {
        services.AddSingleton(static p => new ClusterKeys(p.GetRequiredService<IOptions<RedisOptions>>().Value.Prefix));
        services.AddSingleton<RedisCluster>();
        services.Replace(ServiceDescriptor.Singleton<ICluster>(static p => p.GetRequiredService<RedisCluster>()));
        services.AddHostedService(static p => p.GetRequiredService<RedisCluster>());
        services.AddSingleton<RedisCounts>();
        services.Replace(ServiceDescriptor.Singleton<ISharedCounts>(static p => p.GetRequiredService<RedisCounts>()));
        services.AddHostedService(static p => p.GetRequiredService<RedisCounts>());
        return services;
    }
}
