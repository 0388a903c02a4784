using HubService.Streams;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HubService.Sqlite;

/// <summary>Registers the SQLite log.</summary>
internal static class SqliteServices
{
    public static IServiceCollection AddSqliteLog(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<SqliteOptions>()
            .BindConfiguration("Sqlite", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(o => !string.IsNullOrWhiteSpace(o.Path), "Sqlite:Path must name a file.")
            .ValidateOnStart();
        services.AddSingleton<SqliteEventLog>();
        services.AddSingleton<IEventLog>(p => p.GetRequiredService<SqliteEventLog>());
        services.AddHostedService(p => p.GetRequiredService<SqliteEventLog>());
        return services;
    }
}
