using System.Diagnostics.Metrics;

namespace HubService.Telemetry;

/// <summary>Counts what the service does: one method per thing that happens. Every member is cheap and callable from any thread.</summary>
internal sealed class HubMetrics
{
    private readonly Counter<long> _published;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _replayed;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _deprecated;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _runsEnded;
    private readonly Counter<long> _slowConsumers;
    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _subscriptions;
    private readonly UpDownCounter<long> _streams;
    private readonly Counter<long> _logReads;
    private readonly Histogram<double> _publishDuration;
    private long _happened;

    public HubMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MetricNames.Source);
        _published = meter.CreateCounter<long>(MetricNames.EventsPublished, "{event}", "Events accepted and kept.");
        _delivered = meter.CreateCounter<long>(MetricNames.EventsDelivered, "{event}", "Events written to subscribers.");
        _replayed = meter.CreateCounter<long>(MetricNames.EventsReplayed, "{event}", "Events read from the log for subscribers behind the head.");
        _dropped = meter.CreateCounter<long>(MetricNames.EventsDropped, "{event}", "Events dropped from a full outbox, to be read from the log again.");
        _deprecated = meter.CreateCounter<long>(MetricNames.EventsDeprecated, "{event}", "Events published under a deprecated name.");
        _refused = meter.CreateCounter<long>(MetricNames.RequestsRefused, "{request}", "Requests and events answered with an error.");
        _runsEnded = meter.CreateCounter<long>(MetricNames.RunsEnded, "{run}", "Runs that ended.");
        _slowConsumers = meter.CreateCounter<long>(MetricNames.SlowConsumersClosed, "{connection}", "Connections closed because they made no progress.");
        _connections = meter.CreateUpDownCounter<long>(MetricNames.Connections, "{connection}", "Open connections.");
        _subscriptions = meter.CreateUpDownCounter<long>(MetricNames.Subscriptions, "{subscription}", "Open subscriptions.");
        _streams = meter.CreateUpDownCounter<long>(MetricNames.Streams, "{stream}", "Streams with a subscriber on this node.");
        _logReads = meter.CreateCounter<long>(MetricNames.LogReads, "{page}", "Pages of followed streams that had to be read from the shared log, for one reader or many.");
        _publishDuration = meter.CreateHistogram(
            MetricNames.PublishDuration,
            "s",
            "From the arrival of a publish to its acknowledgement.",
            tags: null,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
    }

    /// <summary>Rises when an event is published, delivered or replayed and when a connection opens; by how much says nothing.</summary>
    public long Happened => Volatile.Read(ref _happened);

    public void Published(string kind, int events = 1)
    {
        Interlocked.Increment(ref _happened);
        _published.Add(events, new KeyValuePair<string, object?>(MetricNames.KindTag, kind));
    }

    public void PublishTook(string kind, TimeSpan duration) =>
        _publishDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(MetricNames.KindTag, kind));

    /// <summary>Call once per flush with the number of events, not once per event.</summary>
    public void Delivered(string kind, int events)
    {
        Interlocked.Increment(ref _happened);
        _delivered.Add(events, new KeyValuePair<string, object?>(MetricNames.KindTag, kind));
    }

    public void Replayed(string kind, int events)
    {
        Interlocked.Increment(ref _happened);
        _replayed.Add(events, new KeyValuePair<string, object?>(MetricNames.KindTag, kind));
    }

    /// <summary>A full outbox dropped its queue; the events will be replayed.</summary>
    public void Dropped(int events) => _dropped.Add(events);

    /// <param name="name">A name of the deprecation list, never text of a client.</param>
    public void Deprecated(string name) => _deprecated.Add(1, new KeyValuePair<string, object?>(MetricNames.NameTag, name));

    /// <param name="code">One of <see cref="Contracts.ErrorCodes"/>.</param>
    public void Refused(string code) => _refused.Add(1, new KeyValuePair<string, object?>(MetricNames.CodeTag, code));

    /// <param name="ending"><c>success</c>, <c>failed</c>, <c>cancelled</c> or <c>abandoned</c>.</param>
    public void RunEnded(string ending) => _runsEnded.Add(1, new KeyValuePair<string, object?>(MetricNames.EndingTag, ending));

    public void SlowConsumerClosed() => _slowConsumers.Add(1);

    public void ConnectionOpened()
    {
        Interlocked.Increment(ref _happened);
        _connections.Add(1);
    }

    public void ConnectionClosed() => _connections.Add(-1);

    public void Subscribed() => _subscriptions.Add(1);

    public void Unsubscribed(int subscriptions = 1) => _subscriptions.Add(-subscriptions);

    public void StreamOpened() => _streams.Add(1);

    public void StreamClosed() => _streams.Add(-1);

    public void LogRead() => _logReads.Add(1);
}
