using System.Diagnostics;
using HubService.Contracts;

namespace HubService.Telemetry;

/// <summary>Spans of the way of an event: its publish, and each delivery linked to it by <c>traceparent</c>. Null results mean that nobody records.</summary>
internal static class HubTracing
{
    private static readonly ActivitySource Source = new(MetricNames.Source);

    /// <summary>Does anybody record? If not, nobody needs to look for a traceparent.</summary>
    public static bool IsRecorded => Source.HasListeners();

    /// <summary>The publish of a batch to one stream.</summary>
    /// <param name="traceparent">Where the event came from; becomes the parent when the call itself carried none.</param>
    public static Activity? StartPublish(StreamId stream, int events, string? traceparent = null)
    {
        if (!IsRecorded)
        {
            return null;
        }

        ActivityContext parent = Activity.Current is null ? Parse(traceparent) : default;
        return Describe(Source.StartActivity($"publish {stream.Kind}", ActivityKind.Producer, parent), stream, events);
    }

    /// <summary>The delivery of a batch of one stream to a subscriber.</summary>
    public static Activity? StartDelivery(StreamId stream, int events, string? traceparent)
    {
        if (!IsRecorded)
        {
            return null;
        }

        ActivityContext publish = Parse(traceparent);
        ActivityLink[] links = publish == default ? [] : [new ActivityLink(publish)];
        return Describe(Source.StartActivity($"deliver {stream.Kind}", ActivityKind.Consumer, default(ActivityContext), tags: null, links), stream, events);
    }

    private static Activity? Describe(Activity? activity, StreamId stream, int events) =>
        activity?.SetTag("hubservice.stream.kind", stream.Kind).SetTag("hubservice.stream.id", stream.Id).SetTag("messaging.batch.message_count", events);

    private static ActivityContext Parse(string? traceparent) =>
        traceparent is not null && ActivityContext.TryParse(traceparent, null, isRemote: true, out ActivityContext context) ? context : default;
}
