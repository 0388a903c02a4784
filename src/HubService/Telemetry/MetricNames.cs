namespace HubService.Telemetry;

/// <summary>Every name under which the service reports something about itself.</summary>
internal static class MetricNames
{
    /// <summary>The meter and the activity source of the service.</summary>
    public const string Source = "HubService";

    public const string EventsPublished = "hubservice.events.published";
    public const string EventsDelivered = "hubservice.events.delivered";
    public const string EventsReplayed = "hubservice.events.replayed";
    public const string EventsDropped = "hubservice.events.dropped";
    public const string EventsDeprecated = "hubservice.events.deprecated";
    public const string RequestsRefused = "hubservice.requests.refused";
    public const string RunsEnded = "hubservice.runs.ended";
    public const string SlowConsumersClosed = "hubservice.slow_consumers.closed";
    public const string Connections = "hubservice.connections";
    public const string Subscriptions = "hubservice.subscriptions";
    public const string Streams = "hubservice.streams";
    public const string LogReads = "hubservice.log.reads";
    public const string PublishDuration = "hubservice.publish.duration";

    public const string KindTag = "kind";
    public const string CodeTag = "code";
    public const string NameTag = "name";
    public const string EndingTag = "ending";
}
