using HubService.Redis;
using HubService.Sqlite;
using HubService.Streams;

namespace HubService;

/// <summary>Registers the log that <c>Streams:Store</c> names.</summary>
internal static class Stores
{
    public static IServiceCollection AddStreams(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StreamOptions>()
            .BindConfiguration("Streams", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(static o => o.Store is "sqlite" or "memory" or "redis", "Streams:Store is sqlite, memory or redis.")
            .Validate(
                static o => o is { IdempotencyWindow.Ticks: > 0, TrimInterval.Ticks: > 0 } && new[] { o.Thread, o.Project, o.User }.All(static r => r is { Events: > 0, Age.Ticks: > 0 }),
                "Streams: IdempotencyWindow, TrimInterval and the Events and Age of Thread, Project and User are greater than 0.")
            .ValidateOnStart();
        return configuration["Streams:Store"] switch
        {
            "memory" => services.AddSingleton<IEventLog, MemoryEventLog>(),
            "redis" => services.AddRedisLog().AddRedisCluster(),
            _ => services.AddSqliteLog(),
        };
    }
}
