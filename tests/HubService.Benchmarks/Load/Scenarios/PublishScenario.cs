using HubService.Benchmarks.Load.Client;

namespace HubService.Benchmarks.Load.Scenarios;

/// <summary>How much is kept, and how soon that is answered.</summary>
/// <param name="batch">Events in one publish.</param>
internal sealed class PublishScenario(string name, string title, int publishers, int batch, int eventBytes) : Scenario(name, title)
{
    public override ServerSet Servers => ServerSet.HubAlone;

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("events_per_s", "events/s"),
        new("ack_p50_ms", "ack p50 ms"),
        new("ack_p99_ms", "ack p99 ms"),
        new("cpu_us", "CPU µs/event"),
        new("redis_us", "Redis CPU µs/event"),
    ];

    public override ClientTask Measure(Target target, Window window) =>
        new() { Publishing = new PublishSpec(target, window.Of(publishers), batch, eventBytes, window.WarmUp, window.Seconds, window.Prefix) };
}
