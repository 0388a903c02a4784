using System.Globalization;

namespace HubService.Telemetry;

/// <summary>A label set, found again from a measurement's tags without making a string.</summary>
internal sealed class MetricLabels
{
    internal static readonly IEqualityComparer<MetricLabels> Comparer = new TagComparer();

    private const int MaxValueLength = 256;

    private readonly KeyValuePair<string, object?>[] _tags;

    private MetricLabels(KeyValuePair<string, object?>[] tags)
    {
        _tags = tags;
        Text = string.Join(',', tags
            .GroupBy(t => MetricName.Label(t.Key), t => Value(t.Value), StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key}=\"{Escape(string.Join(';', g))}\""));
    }

    /// <summary>The labels as they stand between the braces.</summary>
    public string Text { get; }

    public static MetricLabels Of(ReadOnlySpan<KeyValuePair<string, object?>> tags) => new(tags.ToArray());

    private static string Value(object? value) => value switch
    {
        null => "",
        bool b => b ? "true" : "false",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Escape(string value)
    {
        string bounded = value.Length <= MaxValueLength ? value : value[..MaxValueLength];
        return bounded.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }

    // Tags in another order make another entry here; instruments name their tags in one place, so that does not happen.
    private sealed class TagComparer : IEqualityComparer<MetricLabels>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, MetricLabels>
    {
        public bool Equals(MetricLabels? x, MetricLabels? y) => x is null ? y is null : y is not null && Equals(x._tags, y);

        public int GetHashCode(MetricLabels obj) => GetHashCode(obj._tags.AsSpan());

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, MetricLabels other)
        {
            KeyValuePair<string, object?>[] tags = other._tags;
            if (tags.Length != alternate.Length)
            {
                return false;
            }

            for (int i = 0; i < tags.Length; i++)
            {
                if (!string.Equals(tags[i].Key, alternate[i].Key, StringComparison.Ordinal) || !object.Equals(tags[i].Value, alternate[i].Value))
                {
                    return false;
                }
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            HashCode hash = default;
            foreach (KeyValuePair<string, object?> tag in alternate)
            {
                hash.Add(tag.Key);
                hash.Add(tag.Value);
            }

            return hash.ToHashCode();
        }

        public MetricLabels Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => Of(alternate);
    }
}
