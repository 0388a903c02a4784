namespace HubService.Telemetry;

/// <summary>Spells OpenTelemetry names the way Prometheus does, by OpenTelemetry's compatibility rules.</summary>
internal static class MetricName
{
    /// <summary><c>http.server.request.duration</c> in <c>s</c> becomes <c>http_server_request_duration_seconds</c>; counters end in <c>_total</c>.</summary>
    public static string Of(string name, string? unit, string type)
    {
        string text = Clean(name);
        string suffix = unit switch
        {
            null or "" => "",
            "s" => "seconds",
            "ms" => "milliseconds",
            "us" => "microseconds",
            "ns" => "nanoseconds",
            "By" => "bytes",
            "%" => "percent",
            "1" => type == "gauge" ? "ratio" : "",

            // {event}, {connection}: an annotation for people.
            ['{', ..] => "",
            _ => Clean(unit.Replace("/", "_per_", StringComparison.Ordinal)),
        };
        if (suffix.Length > 0 && !text.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            text += "_" + suffix;
        }

        return type == "counter" && !text.EndsWith("_total", StringComparison.Ordinal) ? text + "_total" : text;
    }

    public static string Label(string name) => Clean(name);

    private static string Clean(string name)
    {
        string text = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? "_" + text : text;
    }
}
