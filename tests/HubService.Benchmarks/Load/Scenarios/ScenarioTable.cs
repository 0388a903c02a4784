namespace HubService.Benchmarks.Load.Scenarios;

/// <summary>All scenarios, with their numbers.</summary>
internal static class ScenarioTable
{
    private const int Line = 300;
    private const int Token = 120;

    /// <summary>What a server is warmed with before its first window.</summary>
    public static readonly FanOutScenario WarmUp = new("warm-up", "mixed", groups: 20, members: 10, rate: 100, Line, publishers: 4);

    public static readonly IReadOnlyList<Scenario> All =
    [
        new FanOutScenario("A500", "1 group of 500, 50 events/s of 300 B", groups: 1, members: 500, rate: 50, Line),
        new FanOutScenario("A2000", "1 group of 2,000, 12 events/s of 300 B", groups: 1, members: 2_000, rate: 12, Line),
        new FanOutScenario("B", "tokens: 1,000 groups of 2, 20 events/s each of 120 B, 50 publishers", groups: 1_000, members: 2, rate: 20, Token, publishers: 50),
        new FanOutScenario("H", "hot connections: 1 group of 200, 500 events/s of 120 B", groups: 1, members: 200, rate: 500, Token),
        new FanOutScenario("Asat", "saturated: 1 group of 500, 16 events of 300 B on their way", groups: 1, members: 500, rate: 0, Line, inFlight: 16),
        new FanOutScenario("Bsat", "saturated: 1,000 groups of 2, 1,000 events of 120 B on their way, 50 publishers", groups: 1_000, members: 2, rate: 0, Token, publishers: 50, inFlight: 1_000),
        new FanOutScenario("E100", "two nodes: 1 group of 100, 200 events/s of 300 B", groups: 1, members: 100, rate: 200, Line, servers: ServerSet.TwoNodes),
        new FanOutScenario("EB", "two nodes: 500 groups of 1, 20 events/s each of 120 B, 20 publishers", groups: 500, members: 1, rate: 20, Token, publishers: 20, servers: ServerSet.TwoNodes),
        new IdleScenario("C", "5,000 idle connections", connections: 5_000),
        new StormScenario("D", "3,000 connect and join, 64 at a time", connections: 3_000, atOnce: 64),
        new StallScenario("F0", "1 group of 100, 200 events/s of 2 KB; nobody stalls", Stalling, stalled: 0),
        new StallScenario("F", "the same; one member never reads", Stalling, stalled: 1),
        new StallScenario("F20", "the same; 20 members never read", Stalling, stalled: 20),
        new ReplayScenario("R", "10,000 events of 300 B to one joiner, then to 200 at once", events: 10_000, joiners: 200, Line),
        .. from batch in new[] { 1, 50 }
           from publishers in new[] { 1, 16, 256 }
           select new PublishScenario(batch == 1 ? $"P{publishers}" : $"P{publishers}x{batch}", $"{publishers} publishers, {(batch == 1 ? "single events" : $"batches of {batch}")} of 300 B", publishers, batch, Line),
    ];

    private static StallLoad Stalling => new(Members: 100, Rate: 200, EventBytes: 2_048);

    /// <summary>One, or with the letter alone all publishing ones.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static IEnumerable<Scenario> Matching(string name) => name == "P" ? All.OfType<PublishScenario>() : [Named(name)];

    /// <exception cref="UsageException">There is none of that name.</exception>
    public static Scenario Named(string name) =>
        All.FirstOrDefault(s => s.Name == name) ?? throw new UsageException($"There is no scenario {name}; there are {string.Join(", ", All.Select(s => s.Name))}.");
}
