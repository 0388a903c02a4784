using HubService.Benchmarks.Load.Client;

namespace HubService.Benchmarks.Load.Scenarios;

/// <summary>Joiners read a stream from its beginning, while another stream is live.</summary>
internal sealed class ReplayScenario(string name, string title, int events, int joiners, int eventBytes) : Scenario(name, title)
{
    private const int LiveMembers = 50;
    private const double LiveRate = 100;

    public override ServerSet Servers => ServerSet.HubAlone;

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("one_events_per_s", "one joiner: events/s"),
        new("many_events_per_s", "many joiners: events/s"),
        new("many_s", "until all have all, s"),
        new("cpu_us", "CPU µs/event"),
        new("live_quiet_p99_ms", "live p99 ms, quiet"),
        new("live_p99_ms", "live p99 ms, meanwhile"),
        new("live_p99_ratio", "ratio"),
    ];

    public override ClientTask Measure(Target target, Window window)
    {
        var live = new FanOutSpec(target, Groups: 1, window.Of(LiveMembers), LiveRate, InFlight: 0, eventBytes, Publishers: 1, Stalled: 0, Answered: false, window.WarmUp, window.Seconds, window.Prefix);
        return new ClientTask { Replay = new ReplaySpec(live, events, eventBytes, window.Of(joiners)) };
    }
}
