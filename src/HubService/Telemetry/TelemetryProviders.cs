using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace HubService.Telemetry;

/// <summary>
/// Hosts OpenTelemetry's two providers, in place of the package OpenTelemetry.Extensions.Hosting. Without a collector there is
/// none of either, so that nothing is recorded for nobody.
/// </summary>
internal sealed class TelemetryProviders(IOptions<TelemetryOptions> options, IConfiguration configuration, IEnumerable<Action<TracerProviderBuilder>> furtherTracing)
    : IDisposable
{
    private static readonly string[] Sources = ["Microsoft.AspNetCore", "Microsoft.AspNetCore.SignalR.Server", MetricNames.Source];

    private const int FlushMilliseconds = 3000;

    private readonly TelemetryOptions _options = options.Value;
    private TracerProvider? _tracer;
    private MeterProvider? _meter;

    private bool Exports => _options.Otlp.Endpoint is not null || !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

    public void Start()
    {
        ResourceBuilder resource = ResourceBuilder.CreateEmpty()
            .AddService(_options.ServiceName, serviceVersion: typeof(TelemetryProviders).Assembly.GetName().Version?.ToString(3))
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        Action<TracerProviderBuilder>[] further = furtherTracing.ToArray();
        if (Exports || further.Length > 0)
        {
            // The scrubber comes first: processors run in order, and an exporter must see what is left.
            TracerProviderBuilder tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddProcessor(new QueryScrubber());
            if (Exports)
            {
                tracing.AddOtlpExporter(o => Configure(o, "v1/traces"));
            }

            Array.ForEach(further, configure => configure(tracing));
            _tracer = tracing.Build();
        }

        if (Exports)
        {
            _meter = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(MetricsText.Meters)
                .AddOtlpExporter(o => Configure(o, "v1/metrics")).Build();
        }
    }

    public void Flush()
    {
        _tracer?.ForceFlush(FlushMilliseconds);
        _meter?.ForceFlush(FlushMilliseconds);
    }

    public void Dispose()
    {
        _tracer?.Dispose();
        _meter?.Dispose();
    }

    private void Configure(OtlpExporterOptions exporter, string path)
    {
        // The environment's settings were already read; ours go before.
        if (_options.Otlp.Endpoint is not { } endpoint)
        {
            return;
        }

        bool http = _options.Otlp.Protocol == "http/protobuf";
        exporter.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = http ? new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path) : endpoint;
        exporter.Headers = _options.Otlp.Headers ?? exporter.Headers;
    }
}
