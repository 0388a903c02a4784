using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using HubService.Telemetry;

namespace HubService.Tests.Telemetry;

[Collection(RecordedSpans.Name)]
public sealed partial class MetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IMeterFactory _meters;
    private readonly MetricsText _text;

    public MetricsTests()
    {
        _meters = _services.GetRequiredService<IMeterFactory>();
        _text = new MetricsText(_meters);
        _text.Start();
    }

    public void Dispose()
    {
        _text.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void The_names_are_these()
    {
        _ = new HubMetrics(_meters);

        // Dashboards and alerts are built on these: a change here is a change for every operator.
        Assert.Equal(
            [
                "hubservice_connections gauge",
                "hubservice_events_delivered_total counter",
                "hubservice_events_deprecated_total counter",
                "hubservice_events_dropped_total counter",
                "hubservice_events_published_total counter",
                "hubservice_events_replayed_total counter",
                "hubservice_log_reads_total counter",
                "hubservice_publish_duration_seconds histogram",
                "hubservice_requests_refused_total counter",
                "hubservice_runs_ended_total counter",
                "hubservice_slow_consumers_closed_total counter",
                "hubservice_streams gauge",
                "hubservice_subscriptions gauge",
            ],
            TypeLine().Matches(_text.Write()).Select(m => m.Groups[1].Value).Where(n => n.StartsWith("hubservice", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_name_of_the_list_is_an_instrument_or_a_tag()
    {
        List<string> instruments = [];
        using MeterListener listener = new() { InstrumentPublished = (i, _) => instruments.Add(i.Name) };
        _ = new HubMetrics(_meters);
        listener.Start();

        string[] listed = typeof(MetricNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (string)f.GetRawConstantValue()!).Where(n => n.StartsWith("hubservice.", StringComparison.Ordinal)).ToArray();
        Assert.Equal(listed.Order(), instruments.Where(n => n.StartsWith("hubservice.", StringComparison.Ordinal)).Distinct().Order());
    }

    [Fact]
    public void Each_thing_that_happens_is_counted()
    {
        HubMetrics metrics = new(_meters);
        metrics.Published("thread", 2);
        metrics.Delivered("thread", 200);
        metrics.Delivered("project", 1);
        metrics.Replayed("thread", 7);
        metrics.Dropped(5);
        metrics.Deprecated("tool_call");
        metrics.Refused("forbidden");
        metrics.RunEnded("abandoned");
        metrics.SlowConsumerClosed();
        metrics.ConnectionOpened();
        metrics.ConnectionOpened();
        metrics.ConnectionClosed();
        metrics.Subscribed();
        metrics.Subscribed();
        metrics.Unsubscribed(2);
        metrics.StreamOpened();
        metrics.PublishTook("thread", TimeSpan.FromMilliseconds(3));
        metrics.PublishTook("thread", TimeSpan.FromSeconds(60));

        Dictionary<string, double> samples = Parse(_text.Write());

        Assert.Equal(2, samples["hubservice_events_published_total{kind=\"thread\"}"]);
        Assert.Equal(200, samples["hubservice_events_delivered_total{kind=\"thread\"}"]);
        Assert.Equal(1, samples["hubservice_events_delivered_total{kind=\"project\"}"]);
        Assert.Equal(7, samples["hubservice_events_replayed_total{kind=\"thread\"}"]);
        Assert.Equal(5, samples["hubservice_events_dropped_total"]);
        Assert.Equal(1, samples["hubservice_events_deprecated_total{name=\"tool_call\"}"]);
        Assert.Equal(1, samples["hubservice_requests_refused_total{code=\"forbidden\"}"]);
        Assert.Equal(1, samples["hubservice_runs_ended_total{ending=\"abandoned\"}"]);
        Assert.Equal(1, samples["hubservice_slow_consumers_closed_total"]);
        Assert.Equal(1, samples["hubservice_connections"]);
        Assert.Equal(0, samples["hubservice_subscriptions"]);
        Assert.Equal(1, samples["hubservice_streams"]);
        Assert.Equal(0, samples["hubservice_publish_duration_seconds_bucket{kind=\"thread\",le=\"0.0025\"}"]);
        Assert.Equal(1, samples["hubservice_publish_duration_seconds_bucket{kind=\"thread\",le=\"0.005\"}"]);
        Assert.Equal(1, samples["hubservice_publish_duration_seconds_bucket{kind=\"thread\",le=\"10\"}"]);
        Assert.Equal(2, samples["hubservice_publish_duration_seconds_bucket{kind=\"thread\",le=\"+Inf\"}"]);
        Assert.Equal(2, samples["hubservice_publish_duration_seconds_count{kind=\"thread\"}"]);
        Assert.Equal(60.003, samples["hubservice_publish_duration_seconds_sum{kind=\"thread\"}"], 6);
    }

    [Fact]
    public void Label_values_and_help_are_escaped()
    {
        Meter meter = _meters.Create(MetricNames.Source);
        meter.CreateCounter<int>("escape.me", description: "a\\b\nc").Add(1, new KeyValuePair<string, object?>("a.b-c", "quote\" back\\ line\n end"), new("9", null), new("flag", true));

        string text = _text.Write();

        Assert.Contains("# HELP escape_me_total a\\\\b\\nc\n", text, StringComparison.Ordinal);
        Assert.Contains("escape_me_total{_9=\"\",a_b_c=\"quote\\\" back\\\\ line\\n end\",flag=\"true\"} 1\n", text, StringComparison.Ordinal);
        Parse(text);
    }

    [Fact]
    public void Cardinality_is_bounded()
    {
        Counter<long> counter = _meters.Create(MetricNames.Source).CreateCounter<long>("many");
        for (int i = 0; i < MetricFamily.MaxSeries + 500; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        Dictionary<string, double> samples = Parse(_text.Write());

        Assert.Equal(MetricFamily.MaxSeries + 1, samples.Keys.Count(k => k.StartsWith("many_total", StringComparison.Ordinal)));
        Assert.Equal(500, samples["many_total{otel_metric_overflow=\"true\"}"]);
    }

    [Fact]
    public void Observed_values_are_read_at_every_scrape()
    {
        Dictionary<string, int> now = new() { ["a"] = 3, ["b"] = 4 };
        _meters.Create(MetricNames.Source).CreateObservableGauge("level", () => now.Select(p => new Measurement<int>(p.Value, new KeyValuePair<string, object?>("of", p.Key))));
        _meters.Create(MetricNames.Source).CreateGauge<int>("set").Record(5);
        Dictionary<string, double> first = Parse(_text.Write());
        now.Remove("a");
        now["b"] = 1;
        Dictionary<string, double> second = Parse(_text.Write());

        Assert.Equal((3, 4), (first["level{of=\"a\"}"], first["level{of=\"b\"}"]));
        Assert.Equal(1, second["level{of=\"b\"}"]);
        Assert.DoesNotContain("level{of=\"a\"}", second.Keys);
        Assert.Equal(5, second["set"]);
    }

    [Fact]
    public void Counting_is_exact_under_contention()
    {
        HubMetrics metrics = new(_meters);
        Parallel.For(0, 20_000, i => metrics.Delivered(i % 2 == 0 ? "thread" : "project", 3));

        Dictionary<string, double> samples = Parse(_text.Write());

        Assert.Equal(60_000, samples["hubservice_events_delivered_total{kind=\"thread\"}"] + samples["hubservice_events_delivered_total{kind=\"project\"}"]);
    }

    [Fact]
    public void Another_host_of_the_process_counts_for_itself()
    {
        using ServiceProvider other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        new HubMetrics(other.GetRequiredService<IMeterFactory>()).SlowConsumerClosed();
        _ = new HubMetrics(_meters);

        Assert.DoesNotContain("hubservice_slow_consumers_closed_total", Parse(_text.Write()).Keys);
    }

    [Fact]
    public async Task A_scrape_of_a_running_host_parses_and_holds_the_framework_s_metrics()
    {
        await using TelemetryHost host = await TelemetryHost.StartAsync();
        host.Metrics.Published("thread");
        using HttpResponseMessage first = await host.Client.GetAsync("/metrics");
        Dictionary<string, double> samples = Parse(await host.Client.GetStringAsync("/metrics"));

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", first.Content.Headers.ContentType!.ToString());
        Assert.Equal(1, samples["hubservice_events_published_total{kind=\"thread\"}"]);
        Assert.Contains(samples.Keys, k => k.StartsWith("http_server_request_duration_seconds_bucket{", StringComparison.Ordinal));
        Assert.Contains(samples.Keys, k => k.StartsWith("kestrel_active_connections{", StringComparison.Ordinal));
        Assert.Contains(samples.Keys, k => k.StartsWith("dotnet_gc_collections_total{", StringComparison.Ordinal));
        Assert.Contains(samples.Keys, k => k.StartsWith("dotnet_process_cpu_time_seconds_total{", StringComparison.Ordinal));
    }

    /// <summary>Reads the format as strictly as Prometheus does.</summary>
    private static Dictionary<string, double> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Dictionary<string, double> samples = [];
        HashSet<string> typed = [];
        string family = "";
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                continue;
            }

            if (TypeLine().Match(line) is { Success: true } type)
            {
                Assert.Equal(family, type.Groups["name"].Value);
                Assert.True(typed.Add(family), $"{family} is declared twice");
                continue;
            }

            Match sample = SampleLine().Match(line);
            Assert.True(sample.Success, line);
            Assert.StartsWith(family, sample.Groups["name"].Value, StringComparison.Ordinal);
            string value = sample.Groups["value"].Value;
            Assert.True(
                samples.TryAdd(sample.Groups["series"].Value, value == "+Inf" ? double.PositiveInfinity : double.Parse(value, CultureInfo.InvariantCulture)),
                $"{line} is there twice");
        }

        return samples;
    }

    [GeneratedRegex("""^# TYPE (?<1>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))$""", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")*\})?) (?<value>[-+]?[0-9.eE+-]+|[+-]Inf|NaN)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SampleLine();
}
