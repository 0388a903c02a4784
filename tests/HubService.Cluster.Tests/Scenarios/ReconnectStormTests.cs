using System.Diagnostics;
using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>All clients lose their connection at the same moment.</summary>
public sealed class ReconnectStormTests
{
    // R03. Whoever comes back reads what it missed; a stream is read once for many, not once for each.
    [Fact]
    public async Task A_storm_of_reconnects_misses_nothing()
    {
        const int MegaByte = 1 << 20;
        int clients = Scale.Of(150, 1000), streams = Scale.Of(5, 20);
        string[] projects = [.. Enumerable.Range(0, streams).Select(i => $"storm-{i}")];
        await using Scenario scenario = await Scenario.StartAsync("R03 storm");
        scenario.Publish(4);
        scenario.Subscribe(clients, projects, fromBeginning: false);
        await scenario.LiveAsync();
        Load load = scenario.StartLoad(projects, Scale.Of(100, 200));
        await Waiting.PauseAsync(TimeSpan.FromSeconds(1));
        long[] before = [.. scenario.Nodes.Select(n => n.Memory)];
        List<TimeSpan> back = [];
        int storms = Scale.Of(2, 5);

        // What two nodes that publish to one stream read to agree is read without a storm as well.
        long start = Stopwatch.GetTimestamp(), calm = await RedisFigures.CallsAsync(scenario.Redis, "xrange");
        await Waiting.PauseAsync(TimeSpan.FromSeconds(3));
        long reads = await RedisFigures.CallsAsync(scenario.Redis, "xrange");
        double usual = (reads - calm) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < storms; i++)
        {
            foreach (Subscriber subscriber in scenario.Subscribers)
            {
                subscriber.Cut();
            }

            await Waiting.UpToAsync(TimeSpan.FromSeconds(1), () => scenario.LiveCount < clients / 2);
            back.Add(await scenario.LiveAsync());
            await Waiting.PauseAsync(TimeSpan.FromSeconds(1));
        }

        double more = await RedisFigures.CallsAsync(scenario.Redis, "xrange") - reads - (usual * Stopwatch.GetElapsedTime(start).TotalSeconds);
        await load.StopAsync();
        long[] grown = [.. scenario.Nodes.Zip(before, (n, b) => (n.Memory - b) / MegaByte)];
        Figures.Report("R03 storm", $"{clients} clients all back: {Figures.Spread(back)}; reads of Redis for each stream and storm {more / streams / storms:0.0}, beside {usual / streams:0.0} per second without; nodes grew by {string.Join(" and ", grown)} MB");
        await scenario.AssertSoundAsync();
        Assert.All(grown, mb => Assert.True(mb < 150, $"{mb} MB"));
    }
}
