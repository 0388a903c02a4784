using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;

namespace HubService.Telemetry;

/// <summary>Registers what the service says about itself: metrics, traces, and logs that keep secrets.</summary>
public static class TelemetryServices
{
    public static IServiceCollection AddHubServiceTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<TelemetryOptions>().Bind(configuration.GetSection(TelemetryOptions.Section))
            .Validate(static o => o.Otlp.Protocol is "grpc" or "http/protobuf", $"{TelemetryOptions.Section}:Otlp:Protocol must be grpc or http/protobuf.")
            .ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton<HubMetrics>();
        services.AddSingleton(s => new MetricsText(s.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(s => new TelemetryProviders(
            s.GetRequiredService<IOptions<TelemetryOptions>>().Value,
            configuration["OTEL_EXPORTER_OTLP_ENDPOINT"],
            s.GetServices<Action<TracerProviderBuilder>>()));
        services.AddHostedService<TelemetryLifetime>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, SecretLogFilter>();
        return services;
    }
}
