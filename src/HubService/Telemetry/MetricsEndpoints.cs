namespace HubService.Telemetry;

/// <summary>Serves the metrics to a scraper.</summary>
internal static class MetricsEndpoints
{
    /// <summary><c>GET /metrics</c> in Prometheus' text format. Open to whoever reaches the port: it shows counts, no names of users or streams.</summary>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        MetricsText metrics = endpoints.ServiceProvider.GetRequiredService<MetricsText>();
        return endpoints.MapGet("/metrics", context =>
        {
            context.Response.ContentType = MetricsText.ContentType;
            context.Response.Headers.CacheControl = "no-store";
            return context.Response.WriteAsync(metrics.Write(), context.RequestAborted);
        });
    }
}
