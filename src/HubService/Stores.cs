using HubService.Sqlite;
using HubService.Streams;

namespace HubService;

/// <summary>Registers the log that <c>Streams:Store</c> names.</summary>
internal static class Stores
{
    public static IServiceCollection AddStreams(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StreamOptions>()
            .BindConfiguration("Streams")
            .Validate(static o => o.Store is "sqlite" or "memory", "Streams:Store is sqlite or memory.")
            .ValidateOnStart();
        return string.Equals(configuration["Streams:Store"], "memory", StringComparison.Ordinal)
            ? services.AddSingleton<IEventLog, MemoryEventLog>()
            : services.AddSqliteLog();
    }
}
