using HubService.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the clients of a HubService, and workers that a host runs.</summary>
public static class HubServiceClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="AgentClient"/> and <see cref="ProjectClient"/> as singletons that connect when first used. Logging, a
    /// registered <see cref="TimeProvider"/> and a registered <see cref="IHubTokenProvider"/> are taken from the container; the
    /// options may be bound from configuration as any others.
    /// </summary>
    /// <param name="configure">Sets what configuration does not.</param>
    public static IServiceCollection AddHubServiceClient(this IServiceCollection services, Action<HubServiceClientOptions>? configure = null) =>
        services.AddHubServiceClient(Options.Options.DefaultName, configure);

    /// <summary>The same, for options that need other services.</summary>
    public static IServiceCollection AddHubServiceClient(this IServiceCollection services, Action<IServiceProvider, HubServiceClientOptions> configure) =>
        services.AddHubServiceClient(Options.Options.DefaultName, configure);

    /// <summary>Adds clients of another service, or of another identity, as singletons with the key <paramref name="name"/>.</summary>
    /// <param name="name">Names the options, the clients and, if one is registered under that key, the <see cref="IHubTokenProvider"/>.</param>
    public static IServiceCollection AddHubServiceClient(this IServiceCollection services, string name, Action<HubServiceClientOptions>? configure = null) =>
        services.AddHubServiceClient(name, (_, options) => configure?.Invoke(options));

    /// <summary>The same, for options that need other services.</summary>
    public static IServiceCollection AddHubServiceClient(
        this IServiceCollection services, string name, Action<IServiceProvider, HubServiceClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(name);
        services.AddOptions<HubServiceClientOptions>(name)
            .Configure<IServiceProvider>((options, provider) =>
            {
                options.LoggerFactory = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
                options.TimeProvider = provider.GetService<TimeProvider>() ?? TimeProvider.System;
                options.AccessToken = TokenProvider(provider, name) is { } tokens ? tokens.GetTokenAsync : null;
                configure(provider, options);
            });
        if (name.Length == 0)
        {
            services.TryAddSingleton(provider => new AgentClient(provider.OptionsOf(name)));
            services.TryAddSingleton(provider => new ProjectClient(provider.OptionsOf(name)));
        }
        else
        {
            services.TryAddKeyedSingleton(name, (provider, _) => new AgentClient(provider.OptionsOf(name)));
            services.TryAddKeyedSingleton(name, (provider, _) => new ProjectClient(provider.OptionsOf(name)));
        }

        return services;
    }

    /// <summary>
    /// Serves agents for as long as the host runs, over a connection of its own. Each request gets its own
    /// <typeparamref name="T"/>, from its own DI scope. A hub that refuses the registration ends the host, as any background service
    /// that fails does.
    /// </summary>
    /// <typeparam name="T">Registered as scoped unless it is registered already.</typeparam>
    /// <param name="names"><c>guide</c>, <c>liaison:{pillar}</c> or agent names.</param>
    /// <param name="capacity">How many requests at once, 1 to 1,000.</param>
    /// <param name="client">The name given to <see cref="AddHubServiceClient(IServiceCollection, string, Action{HubServiceClientOptions})"/>; the unnamed one by default.</param>
    public static IServiceCollection AddAgentWorker<T>(this IServiceCollection services, IReadOnlyList<string> names, int capacity = 16, string client = "")
        where T : class, IAgentWorker
    {
        services.TryAddScoped<T>();
        return services.AddSingleton<IHostedService>(provider => new AgentWorkerService<T>(
            provider.OptionsOf(client), names, capacity, provider.GetRequiredService<IServiceScopeFactory>()));
    }

    /// <summary>
    /// Serves projects for as long as the host runs, over a connection of its own that the <see cref="StageWork"/> uses too. A hub
    /// that refuses the registration ends the host, as any background service that fails does.
    /// </summary>
    /// <typeparam name="T">Registered as singleton unless it is registered already: one for all projects.</typeparam>
    /// <param name="patterns">Project ids; <c>*</c> stands for any characters.</param>
    /// <param name="client">The name given to <see cref="AddHubServiceClient(IServiceCollection, string, Action{HubServiceClientOptions})"/>; the unnamed one by default.</param>
    public static IServiceCollection AddProjectWorker<T>(this IServiceCollection services, IReadOnlyList<string> patterns, string client = "")
        where T : class, IProjectWorker
    {
        services.TryAddSingleton<T>();
        return services.AddSingleton<IHostedService>(provider => new ProjectWorkerService<T>(
            provider.OptionsOf(client), patterns, provider.GetRequiredService<T>));
    }

    private static HubServiceClientOptions OptionsOf(this IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<HubServiceClientOptions>>().Get(name);

    private static IHubTokenProvider? TokenProvider(IServiceProvider provider, string name) =>
        (name.Length > 0 ? provider.GetKeyedService<IHubTokenProvider>(name) : null) ?? provider.GetService<IHubTokenProvider>();
}
