using System.Globalization;

namespace SupportAgent.Tools;

/// <summary>Says what time it is, anywhere.</summary>
internal sealed class Clock(TimeProvider time)
{
    /// <param name="place">An IANA zone (<c>Europe/Berlin</c>) or the city in one (<c>Berlin</c>); UTC when null.</param>
    /// <exception cref="ToolException">There is no such zone.</exception>
    public ClockReading Read(string? place)
    {
        TimeZoneInfo zone = string.IsNullOrWhiteSpace(place) ? TimeZoneInfo.Utc : Find(place.Trim());
        DateTimeOffset now = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone);
        return new(zone.Id, Format("yyyy-MM-ddTHH:mm:sszzz"), Format("dddd, d MMMM yyyy, HH:mm"));

        string Format(string format) => now.ToString(format, CultureInfo.InvariantCulture);
    }

    private static TimeZoneInfo Find(string place)
    {
        string id = place.Replace(' ', '_');
        return TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? zone)
            ? zone
            : TimeZoneInfo.GetSystemTimeZones().FirstOrDefault(z => z.Id.EndsWith('/' + id, StringComparison.OrdinalIgnoreCase))
                ?? throw new ToolException($"I know no time zone '{place}'; give an IANA name such as Europe/Berlin.");
    }
}

/// <param name="Iso">ISO 8601 with the zone's offset.</param>
/// <param name="Text">For people.</param>
internal sealed record ClockReading(string Zone, string Iso, string Text);
