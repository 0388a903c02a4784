using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>Registers the way of events to each connection, from its first event to the drain.</summary>
internal static class DeliveryServices
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddOptions<DeliveryOptions>()
            .BindConfiguration("Delivery", static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(
                static o => o is { OutboxMessages: > 0, OutboxBytes: > 0, ReplayPage: > 0 and <= 1000, StallTimeout.Ticks: > 0, SubscriptionsPerConnection: > 0, DrainTime.Ticks: >= 0, SseKeepAlive.Ticks: > 0 },
                "Delivery: OutboxMessages, OutboxBytes, ReplayPage, StallTimeout, SubscriptionsPerConnection and SseKeepAlive are greater than 0, ReplayPage is at most 1000, DrainTime is not negative.")
            .ValidateOnStart();
        services.AddSingleton<CompletionHooks>();
        services.AddSingleton<ReplayLanes>();
        services.AddSingleton<ReplayPages>();
        services.AddSingleton<Outboxes>();
        services.AddSingleton<StreamFeeds>();
        services.AddSingleton<Subscriptions>();
        services.AddSingleton<StreamPages>();
        services.AddSingleton<StreamTail>();
        services.AddSingleton<TokenExpiry>();
        services.AddSingleton<AccessNews>();
        services.AddSingleton<AccessChanges>();
        services.AddSingleton<RemoteSends>();
        services.AddSingleton<Presence>();
        services.AddSingleton<Drain>();
        services.AddSingleton<StreamHubServices>();
        services.AddSingleton<IUserIdProvider, PrincipalUserId>();
        services.AddSingleton(typeof(HubLifetimeManager<>), typeof(StreamLifetimeManager<>));
        return services;
    }

    /// <summary>Refuses new connections while the node drains.</summary>
    public static IApplicationBuilder UseDrain(this IApplicationBuilder app) => app.UseMiddleware<DrainMiddleware>();

    /// <summary>Lets other nodes reach the connections of this one, and ask who follows what.</summary>
    public static void AnswerOtherNodes(this WebApplication app)
    {
        app.Services.GetRequiredService<RemoteSends>().Listen();
        app.Services.GetRequiredService<Presence>().Listen();
    }

    /// <summary>Keeps the stopping host waiting until its clients have left, or had the time to.</summary>
    public static void DrainOnStop(this WebApplication app)
    {
        // Fetched now: a host that could not start stops when its services are already gone.
        Drain drain = app.Services.GetRequiredService<Drain>();
        app.Lifetime.ApplicationStopping.Register(() => drain.RunAsync().GetAwaiter().GetResult());
    }
}
