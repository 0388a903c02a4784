using Microsoft.Extensions.Options;

namespace HubService;

/// <summary>Registers the filter as one object, so that it can be told when the start begins and ends.</summary>
internal static class StartLogServices
{
    public static IServiceCollection AddStartLog(this IServiceCollection services)
    {
        services.AddSingleton<StartLogFilter>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(static s => s.GetRequiredService<StartLogFilter>());
        return services;
    }
}
