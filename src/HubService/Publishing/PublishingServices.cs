using HubService.Access;
using HubService.Contracts;

namespace HubService.Publishing;

/// <summary>Registers the way in of events.</summary>
internal static class PublishingServices
{
    public static IServiceCollection AddPublishing(this IServiceCollection services)
    {
        services.AddOptions<PublishOptions>()
            .BindConfiguration("Publishing", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(
                static o => o is { MaxEventBytes: > 0, MaxBatchEvents: > 0, MaxBatchBytes: > 0, MaxDepth: > 0 and <= ContractJson.MaxDepth, IdleAfter.Ticks: > 0 },
                $"Publishing: MaxEventBytes, MaxBatchEvents, MaxBatchBytes, MaxDepth and IdleAfter are greater than 0, MaxDepth is at most {ContractJson.MaxDepth}.")
            .ValidateOnStart();
        services.AddSingleton<Rollbacks>();
        services.AddSingleton<KeeperNews>();
        services.AddSingleton<OpenStreams>();
        services.AddSingleton<IStreamFacts>(s => s.GetRequiredService<OpenStreams>());
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<EventLimits>();
        return services;
    }
}
