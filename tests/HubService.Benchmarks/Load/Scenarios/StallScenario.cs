using HubService.Benchmarks.Load.Client;

namespace HubService.Benchmarks.Load.Scenarios;

/// <param name="Rate">Events per second.</param>
internal sealed record StallLoad(int Members, double Rate, int EventBytes);

/// <summary>What becomes of the others, of the publisher and of the server's memory when members never read.</summary>
internal sealed class StallScenario(string name, string title, StallLoad load, int stalled) : Scenario(name, title)
{
    /// <summary>How much longer than others: what the kernel takes for the stalled one must be full first.</summary>
    private const double Longer = 10;
    private const double Before = 3;

    public override bool Fresh => true;

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("longest_gap_ms", "longest gap of a healthy member ms"),
        new("p99_ms", "p99 ms"),
        new("max_ms", "max ms"),
        new("ack_p50_ms", "publisher's ack p50 ms"),
        new("ack_p99_ms", "publisher's ack p99 ms"),
        new("rss_mb", "RSS MB at first"),
        new("rss_growth_mb", "RSS growth MB"),
        new("cpu_us", "CPU µs/delivery", IsRatio: true),
    ];

    /// <summary>The same load, so that the heap has the size it needs for that.</summary>
    public override IEnumerable<ClientTask> Prepare(Target target, Window window) => [Task(target, window, Before, 0, $"{window.Prefix}before")];

    public override ClientTask Measure(Target target, Window window) => Task(target, window, Longer, stalled, window.Prefix);

    public override TimeSpan Limit(Window window) => base.Limit(window) + TimeSpan.FromSeconds(window.Seconds * Longer);

    private ClientTask Task(Target target, Window window, double times, int still, string prefix) => new()
    {
        FanOut = new FanOutSpec(
            target,
            Groups: 1,
            window.Of(load.Members),
            load.Rate,
            InFlight: 0,
            load.EventBytes,
            Publishers: 1,
            still,
            Answered: true,
            window.WarmUp,
            window.Seconds * times,
            prefix),
    };
}
