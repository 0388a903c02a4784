using Microsoft.Extensions.Options;

namespace HubService.Telemetry;

/// <summary>Registers what the service says about itself: metrics, traces, and logs that keep secrets.</summary>
internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.AddOptions<TelemetryOptions>()
            .BindConfiguration(TelemetryOptions.Section, static o => o.ErrorOnUnknownConfiguration = true)
            .Validate(static o => o.Otlp.Protocol is "grpc" or "http/protobuf", $"{TelemetryOptions.Section}:Otlp:Protocol must be grpc or http/protobuf.")
            .ValidateOnStart();
        services.AddMetrics();
        services.AddSingleton<HubMetrics>();
        services.AddSingleton<MetricsText>();
        services.AddSingleton<TelemetryProviders>();
        services.AddHostedService<TelemetryLifetime>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, LogScopes>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, SecretLogFilter>();
        return services;
    }
}
