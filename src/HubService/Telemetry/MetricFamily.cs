using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace HubService.Telemetry;

/// <summary>One instrument as a Prometheus metric: a name, a type and a bounded number of series.</summary>
internal sealed class MetricFamily
{
    /// <summary>Beyond this many label sets, measurements go to one series labelled <c>otel_metric_overflow</c>.</summary>
    internal const int MaxSeries = 1000;

    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly MetricLabels Overflow = MetricLabels.Of([new("otel_metric_overflow", "true")]);

    private readonly ConcurrentDictionary<MetricLabels, MetricSeries> _series = new(MetricLabels.Comparer);
    private readonly ConcurrentDictionary<MetricLabels, MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byTags;
    private readonly string _help;
    private readonly string _type;
    private readonly double[]? _bounds;
    private readonly bool _observed;
    private readonly bool _absolute;

    private MetricFamily(Instrument instrument, string type, double[]? bounds)
    {
        _type = type;
        _bounds = bounds;
        _observed = instrument.IsObservable;
        _absolute = _observed || instrument.GetType().GetGenericTypeDefinition() == typeof(Gauge<>);
        _help = instrument.Description ?? "";
        _byTags = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        Name = MetricName.Of(instrument.Name, instrument.Unit, type);
    }

    public string Name { get; }

    public static MetricFamily Of(Instrument instrument)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        if (kind == typeof(Histogram<>))
        {
            return new MetricFamily(instrument, "histogram", (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? DefaultBounds);
        }

        return new MetricFamily(instrument, kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? "counter" : "gauge", null);
    }

    /// <summary>Adds to counters and histograms; observed instruments and gauges report their whole value.</summary>
    public void Measured(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_byTags.TryGetValue(tags, out MetricSeries? series))
        {
            MetricLabels labels = _series.Count < MaxSeries ? MetricLabels.Of(tags) : Overflow;
            series = _series.GetOrAdd(labels, static (_, bounds) => new MetricSeries(bounds), _bounds);
        }

        if (_absolute)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    /// <summary>Drops the values of the last observation, so that what is gone does not stay on the page.</summary>
    public void ForgetObserved()
    {
        if (_observed)
        {
            _series.Clear();
        }
    }

    public void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(Name).Append(' ').Append(_help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        foreach ((MetricLabels labels, MetricSeries series) in _series.OrderBy(s => s.Key.Text, StringComparer.Ordinal))
        {
            series.Write(text, Name, labels.Text);
        }
    }
}
