namespace HubService.Telemetry;

/// <summary>Starts metrics and traces before the first request and sends what is left when the host stops.</summary>
internal sealed class TelemetryLifetime(TelemetryProviders providers, MetricsText metrics, HubMetrics instruments) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Created here so that every instrument is listed from the first scrape on.
        ArgumentNullException.ThrowIfNull(instruments);
        metrics.Start();
        providers.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(providers.Flush, cancellationToken);
}
