using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace HubService.Telemetry;

/// <summary>Keeps the current values of the service's and the framework's meters and writes them in Prometheus' text format 0.0.4.</summary>
internal sealed class MetricsText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    internal static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "System.Runtime", MetricNames.Source,
    ];

    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly Lock _observing = new();
    private readonly MeterListener _listener = new();

    /// <param name="owner">The host's factory: meters of other hosts in the process are not ours to show.</param>
    public MetricsText(IMeterFactory owner)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Meters.Contains(instrument.Meter.Name) && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, owner)))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, MetricFamily.Of));
            }
        };
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => ((MetricFamily)family!).Measured((double)value, tags));
    }

    public void Start() => _listener.Start();

    public string Write()
    {
        lock (_observing)
        {
            foreach (MetricFamily family in _families.Values)
            {
                family.ForgetObserved();
            }

            _listener.RecordObservableInstruments();
            StringBuilder text = new();
            foreach (IGrouping<string, MetricFamily> sameName in _families.Values.GroupBy(f => f.Name).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                sameName.First().Write(text);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();
}
