using HubService.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the clients of a HubService.</summary>
public static class HubServiceClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="AgentClient"/> and <see cref="ProjectClient"/> as singletons. They connect when first used; logging and a
    /// registered <see cref="TimeProvider"/> are taken from the container.
    /// </summary>
    public static IServiceCollection AddHubServiceClient(this IServiceCollection services, Action<HubServiceClientOptions> configure) =>
        services.AddHubServiceClient((_, options) => configure(options));

    /// <summary>The same, for options that need other services, such as a token source.</summary>
    public static IServiceCollection AddHubServiceClient(this IServiceCollection services, Action<IServiceProvider, HubServiceClientOptions> configure)
    {
        services.TryAddSingleton(provider =>
        {
            HubServiceClientOptions options = new()
            {
                LoggerFactory = provider.GetService<ILoggerFactory>() ?? Logging.Abstractions.NullLoggerFactory.Instance,
                TimeProvider = provider.GetService<TimeProvider>() ?? TimeProvider.System,
            };
            configure(provider, options);
            return options;
        });
        services.TryAddSingleton<AgentClient>();
        services.TryAddSingleton<ProjectClient>();
        return services;
    }
}
