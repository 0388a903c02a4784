using HubService.Benchmarks.Load.Client;

namespace HubService.Benchmarks.Load.Scenarios;

/// <summary>Events to the members of groups, at a fixed rate or with so many on their way at once.</summary>
/// <param name="rate">Events per second of each group; 0: with <paramref name="inFlight"/>.</param>
/// <param name="publishers">Connections that publish.</param>
internal sealed class FanOutScenario(string name, string title, int groups, int members, double rate, int eventBytes, int publishers = 1, int inFlight = 0, ServerSet servers = ServerSet.OneNode)
    : Scenario(name, title)
{
    public override ServerSet Servers => servers;

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("cpu_us", "CPU µs/delivery", IsRatio: true),
        .. inFlight > 0 ? [] : new Column[] { new("p50_ms", "p50 ms"), new("p99_ms", "p99 ms", IsRatio: true), new("p999_ms", "p99.9 ms") },
        new("deliveries_per_s", "deliveries/s", IsRatio: inFlight > 0),
        new("server_cores", "cores"),
        new("rss_peak_mb", "RSS MB"),
        .. servers == ServerSet.TwoNodes ? [new("redis_us", "Redis CPU µs/event", IsRatio: true)] : Array.Empty<Column>(),
    ];

    public override ClientTask Measure(Target target, Window window) => new()
    {
        FanOut = new FanOutSpec(
            target,
            groups > 1 ? window.Of(groups) : 1,
            groups > 1 ? members : window.Of(members),
            rate,
            inFlight,
            eventBytes,
            window.Of(publishers),
            Stalled: 0,
            Answered: false,
            window.WarmUp,
            window.Seconds,
            window.Prefix),
    };
}
