using HubService.Streams;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HubService.Redis;

/// <summary>Registers the log that many nodes share.</summary>
internal static class RedisServices
{
    public static IServiceCollection AddRedisLog(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<RedisOptions>()
            .BindConfiguration("Redis", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(static o => !string.IsNullOrWhiteSpace(o.Connection), "Redis:Connection must name a server, as host:port.")
            .Validate(static o => o.Prefix.Length is > 0 and <= 32 && o.Prefix.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'), "Redis:Prefix is 1 to 32 letters, digits, dots, underscores or hyphens.")
            .Validate(static o => o is { CommandTimeout.Ticks: > 0, StreamTtl.Ticks: > 0 }, "Redis: CommandTimeout and StreamTtl are greater than 0.")
            .Validate<Microsoft.Extensions.Options.IOptions<StreamOptions>>(
                static (o, s) => new[] { s.Value.Thread, s.Value.Project, s.Value.User }.All(r => o.StreamTtl >= r.Age),
                "Redis:StreamTtl is shorter than a retention age of Streams.")
            .ValidateOnStart();
        services.AddSingleton<RedisLink>();
        services.AddSingleton<IRedisLink>(p => p.GetRequiredService<RedisLink>());
        services.AddSingleton<RedisCommands>();
        services.AddSingleton<RedisEventLog>();
        services.AddSingleton<IEventLog>(p => p.GetRequiredService<RedisEventLog>());
        services.AddHostedService(p => p.GetRequiredService<RedisLink>());
        services.AddHostedService<RedisPasses>();
        return services;
    }
}
