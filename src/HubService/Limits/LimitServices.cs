namespace HubService.Limits;

/// <summary>Registers how much and how often one subject may.</summary>
internal static class LimitServices
{
    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddOptions<LimitOptions>()
            .BindConfiguration("Limits", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(
                static o => o is { ConnectionsPerUser: > 0, MessagesPerSecond: > 0, MessageBurst: > 0, PublisherMessagesPerSecond: > 0 },
                "Limits: ConnectionsPerUser, MessagesPerSecond, MessageBurst and PublisherMessagesPerSecond are greater than 0.")
            .ValidateOnStart();
        services.AddSingleton<ConnectionCounts>();
        services.AddSingleton<MessageRates>();
        services.AddSingleton<LimitHubFilter>();
        return services;
    }
}
