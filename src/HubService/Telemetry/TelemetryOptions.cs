namespace HubService.Telemetry;

/// <summary>Bound from <c>OpenTelemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "OpenTelemetry";

    /// <summary>The <c>service.name</c> of spans and metrics; <c>OTEL_SERVICE_NAME</c> goes before.</summary>
    public string ServiceName { get; set; } = "hubservice";

    /// <summary>Where spans and metrics are sent.</summary>
    public OtlpOptions Otlp { get; } = new();
}

/// <summary>Bound from <c>OpenTelemetry:Otlp</c>.</summary>
internal sealed class OtlpOptions
{
    /// <summary>The collector that spans and metrics are sent to; without it and without <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> nothing is sent.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>How the collector is spoken to: <c>grpc</c> or <c>http/protobuf</c>.</summary>
    public string Protocol { get; set; } = "grpc";

    /// <summary>Headers of every export, as <c>name=value,name=value</c>.</summary>
    public string? Headers { get; set; }
}
