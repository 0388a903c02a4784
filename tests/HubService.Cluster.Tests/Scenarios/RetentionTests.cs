using HubService.Checker;
using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Many streams, each with more events than it may keep.</summary>
public sealed class RetentionTests
{
    private const int Kept = 100;
    private const int Written = 120;
    private const int Bytes = 200;

    // What a stream, an entry beside 1.3 times its own bytes, and a remembered event id take in Redis at most.
    private const long StreamBytes = 700;
    private const long EntryBytes = 45;
    private const long IdBytes = 75;

    // R35. Redis holds at most what the formula says, and nothing when everybody has gone; the nodes are as they were.
    [Fact]
    public async Task Many_streams_take_the_memory_they_may_and_give_it_back()
    {
        int streams = Scale.Of(300, 10_000);
        TimeSpan age = TimeSpan.FromSeconds(Scale.Of(8, 20));
        await using Scenario scenario = await Scenario.StartAsync(
            "R35 retention",
            run: new Run(false, Kept, (long)age.TotalMilliseconds),
            settings:
            [
                ("Streams:Project:Events", $"{Kept}"), ("Streams:Project:Age", $"{age}"), ("Streams:IdempotencyWindow", "00:00:05"), ("Streams:TrimInterval", "00:00:02"),
                ("Redis:StreamTtl", $"{age + TimeSpan.FromSeconds(10)}"), ("Publishing:IdleAfter", "00:00:02"), ("Streams:Thread:Age", $"{age}"), ("Streams:User:Age", $"{age}"),
            ]);
        scenario.Publish(2, batch: Written);

        // What is made once, for the first streams, is not given back.
        await WriteAsync(scenario, "first", 100);
        await GoneAsync(scenario);
        Footprint before = await Footprint.OfAsync(scenario.Nodes), after = before;
        long empty = await RedisFigures.MemoryAsync(scenario.Redis);
        await WriteAsync(scenario, "r", streams);
        long used = await RedisFigures.MemoryAsync(scenario.Redis) - empty;
        long formula = streams * (StreamBytes + (Written * ((13 * await EntryAsync(scenario, $"r{streams - 1}") / 10) + EntryBytes)) + (Written * IdBytes));
        Footprint full = await Footprint.OfAsync(scenario.Nodes);
        Figures.Report("R35 retention", $"{streams} streams take {used >> 10} KB in Redis, {used / streams} bytes each; the formula allows {formula >> 10} KB");
        Assert.True(used <= formula * 1.15, $"{used} bytes, more than {formula}");
        TimeSpan gone = await GoneAsync(scenario);
        TimeSpan? back = await Waiting.UpToAsync(TimeSpan.FromSeconds(60), async () => (after = await Footprint.OfAsync(scenario.Nodes)).Heap <= before.Heap * 1.1);
        Figures.Report("R35 retention", $"all keys gone after {gone.TotalSeconds:0.0} s; nodes before {before}; full {full}; after {after}");
        Assert.True(back is not null, $"{before} has become {after}");
    }

    private static async Task WriteAsync(Scenario scenario, string name, int streams)
    {
        for (int i = 0; i < streams; i += 20)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(20, streams - i)).Select(n => scenario.Publishers[n % 2].PublishAsync($"{name}{n}", Written, Bytes)));
        }
    }

    /// <summary>The bytes of an event as it is kept; its place, which a page adds, is about what its id takes beside it.</summary>
    private static async Task<long> EntryAsync(Scenario scenario, string project)
    {
        using var dump = new StoreDump(scenario.Nodes[0].Url, Scenario.Tenant);
        return await dump.EventBytesAsync(project);
    }

    /// <summary>No stream is left in Redis.</summary>
    private static async Task<TimeSpan> GoneAsync(Scenario scenario)
    {
        string left = "";
        return await Waiting.UpToAsync(TimeSpan.FromSeconds(120), async () => (left = await StreamKeysAsync(scenario)).Length == 0)
            ?? throw new TimeoutException($"Left in Redis: {left}");
    }

    /// <summary>Without those of the nodes themselves.</summary>
    private static async Task<string> StreamKeysAsync(Scenario scenario) =>
        $"{await scenario.Redis.CommandAsync("KEYS", "*{*")}{await scenario.Redis.CommandAsync("KEYS", "*:unsettled")}";

    // R35. What is read is never more nor older than may be, however busy the stream.
    [Fact]
    public async Task A_busy_stream_is_kept_within_its_bounds()
    {
        await using Scenario scenario = await Scenario.StartAsync("R35 bounds", run: new Run(false, Kept, 3_000), settings: [("Streams:Project:Events", $"{Kept}"), ("Streams:Project:Age", "00:00:03")]);
        scenario.Subscribe(4, ["busy"]);
        scenario.Publish(2);
        await scenario.LiveAsync();

        // In more time than they are kept.
        Load load = scenario.StartLoad(["busy"], 60);
        await scenario.AcknowledgedAsync(5 * 60);
        await load.StopAsync();
        await scenario.AssertSoundAsync();
        Assert.InRange(scenario.Recorder.Records.OfType<Entry>().Count(), 1, Kept);
    }
}
