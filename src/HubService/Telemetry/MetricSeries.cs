using System.Globalization;
using System.Text;

namespace HubService.Telemetry;

/// <summary>The value of one label set: a number, or the buckets of a histogram.</summary>
internal sealed class MetricSeries(double[]? bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[bounds is null ? 0 : bounds.Length + 1];
    private double _value;
    private long _count;

    public void Add(double value)
    {
        lock (_lock)
        {
            _value += value;
            if (bounds is not null)
            {
                _count++;
                int at = Array.BinarySearch(bounds, value);
                _buckets[at >= 0 ? at : ~at]++;
            }
        }
    }

    public void Set(double value)
    {
        lock (_lock)
        {
            _value = value;
        }
    }

    public void Write(StringBuilder text, string name, string labels)
    {
        lock (_lock)
        {
            if (bounds is null)
            {
                Line(text, name, labels, _value);
                return;
            }

            long below = 0;
            for (int i = 0; i < _buckets.Length; i++)
            {
                below += _buckets[i];
                string bound = $"le=\"{(i < bounds.Length ? Number(bounds[i]) : "+Inf")}\"";
                Line(text, name + "_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", below);
            }

            Line(text, name + "_sum", labels, _value);
            Line(text, name + "_count", labels, _count);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
