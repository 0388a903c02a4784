using System.Collections.Concurrent;
using HubService.Contracts;
using HubService.Telemetry;

namespace HubService.Tests.Telemetry;

[Collection(RecordedSpans.Name)]
public class ExportTests
{
    [Fact]
    public async Task What_happened_reaches_the_collector_when_the_host_stops()
    {
        ConcurrentQueue<string> received = new();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        await using WebApplication collector = builder.Build();
        collector.MapPost("/{**path}", async (HttpContext context, string path) =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            received.Enqueue($"{path} {System.Text.Encoding.Latin1.GetString(body.ToArray())}");
        });
        await collector.StartAsync();

        await using (TelemetryHost host = await TelemetryHost.StartAsync(("OpenTelemetry:Otlp:Endpoint", collector.Urls.First()), ("OpenTelemetry:Otlp:Protocol", "http/protobuf")))
        {
            host.Metrics.Published("thread");
            HubTracing.StartPublish(StreamId.Thread(new ThreadId("a1")), 1)!.Dispose();
        }

        Assert.Contains(received, r => r.StartsWith("v1/traces", StringComparison.Ordinal) && r.Contains("publish thread", StringComparison.Ordinal));
        Assert.Contains(received, r => r.StartsWith("v1/metrics", StringComparison.Ordinal) && r.Contains(MetricNames.EventsPublished, StringComparison.Ordinal));
    }
}
