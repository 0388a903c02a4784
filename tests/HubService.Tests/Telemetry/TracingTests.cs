using System.Diagnostics;
using HubService.Contracts;
using HubService.Telemetry;

namespace HubService.Tests.Telemetry;

[Collection(RecordedSpans.Name)]
public class TracingTests
{
    private static readonly StreamId Thread = StreamId.Thread(new ThreadId("a1"));

    [Fact]
    public async Task A_delivery_links_to_the_publish_by_traceparent()
    {
        await using TelemetryHost host = await TelemetryHost.StartAsync();
        string? traceparent;
        using (Activity? published = HubTracing.StartPublish(Thread, 2))
        {
            traceparent = published?.Id;
        }

        HubTracing.StartDelivery(Thread, 2, traceparent)!.Dispose();

        Activity publish = host.Spans.Spans.Single(s => s.Id == traceparent);
        Activity delivery = host.Spans.Spans.Single(s => s.Links.Any(l => l.Context.SpanId == publish.SpanId));
        Assert.Equal((ActivityKind.Producer, ActivityKind.Consumer), (publish.Kind, delivery.Kind));
        Assert.Equal(publish.TraceId, delivery.Links.Single().Context.TraceId);
        Assert.NotEqual(publish.TraceId, delivery.TraceId);
    }

    [Fact]
    public async Task A_publish_continues_the_trace_that_its_event_names()
    {
        await using TelemetryHost host = await TelemetryHost.StartAsync();
        const string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using Activity span = HubTracing.StartPublish(Thread, 1, traceparent)!;

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId.ToString());
        Assert.Equal("b7ad6b7169203331", span.ParentSpanId.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("garbage")]
    public async Task A_traceparent_that_is_none_is_ignored(string? traceparent)
    {
        await using TelemetryHost host = await TelemetryHost.StartAsync();
        using Activity span = HubTracing.StartDelivery(Thread, 1, traceparent)!;

        Assert.Empty(span.Links);
    }
}
