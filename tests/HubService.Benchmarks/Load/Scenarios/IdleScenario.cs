using HubService.Benchmarks.Load.Client;

namespace HubService.Benchmarks.Load.Scenarios;

/// <summary>Memory of connections that do nothing.</summary>
internal sealed class IdleScenario(string name, string title, int connections) : Scenario(name, title)
{
    private const int First = 200;
    private const int PerGroup = 100;
    private const double Settle = 8;

    public override bool Fresh => true;

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("kib_per_connection", "KiB/connection", IsRatio: true),
        new("rss_mb", "RSS MB"),
        new("idle_cpu_percent", "idle CPU % of a core"),
    ];

    public override ClientTask Measure(Target target, Window window) =>
        new() { Idle = new IdleSpec(target, First, window.Of(connections), PerGroup, Settle, window.Seconds, window.Prefix) };
}
