using HubService.Benchmarks.Load.Client;

namespace HubService.Benchmarks.Load.Scenarios;

/// <summary>Many connect at once.</summary>
internal sealed class StormScenario(string name, string title, int connections, int atOnce) : Scenario(name, title)
{
    private const int PerGroup = 100;
    private const int First = 400;
    private const int Rehearsals = 3;

    public override bool Fresh => true;

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("cpu_us", "CPU µs/connect and join", IsRatio: true),
        new("connects_per_s", "connects/s"),
        new("p50_ms", "p50 ms"),
        new("p99_ms", "p99 ms"),
    ];

    public override IEnumerable<ClientTask> Prepare(Target target, Window window) =>
        Enumerable.Range(0, Rehearsals).Select(i => Task(target, window.Of(First), $"{window.Prefix}r{i}"));

    public override ClientTask Measure(Target target, Window window) => Task(target, window.Of(connections), window.Prefix);

    private ClientTask Task(Target target, int count, string prefix) => new() { Storm = new StormSpec(target, count, atOnce, PerGroup, prefix) };
}
