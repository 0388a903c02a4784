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
        int clients = Scale.Of(150, 1000), streams = Scale.Of(5, 20), storms = Scale.Of(2, 5);
        string[] projects = [.. Enumerable.Range(0, streams).Select(i => $"storm-{i}")];
        await using Scenario scenario = await Scenario.StartAsync("R03 storm");
        scenario.Publish(4);
        scenario.Subscribe(clients, projects, fromBeginning: false);
        await scenario.LiveAsync();
        Load load = scenario.StartLoad(projects, Scale.Of(100, 200));
        await Waiting.UntilAsync("every stream has events", TimeSpan.FromSeconds(30), () => scenario.Subscribers.All(s => s.Projects.All(p => s.At(p)?.Seq > 5)));
        long[] before = [.. scenario.Nodes.Select(n => n.Memory)];
        List<TimeSpan> back = [];
        List<double> reads = [];
        for (int i = 0; i < storms; i++)
        {
            double read = await ReadsAsync(scenario);
            int[] connects = [.. scenario.Subscribers.Select(s => s.Connects)];
            foreach (Subscriber subscriber in scenario.Subscribers)
            {
                subscriber.Cut();
            }

            back.Add(await Waiting.UntilAsync("all are back", TimeSpan.FromSeconds(60), () => scenario.Subscribers.Zip(connects).All(s => s.First.Connects > s.Second && s.First.IsLive)));
            reads.Add((await ReadsAsync(scenario) - read) / streams);
        }

        await load.StopAsync();
        long[] grown = [.. scenario.Nodes.Zip(before, (n, b) => (n.Memory - b) / MegaByte)];
        Figures.Report("R03 storm", $"{clients} clients all back: {Figures.Spread(back)}; reads of the log for each stream, by storm: {string.Join(", ", reads.Select(r => $"{r:0.0}"))}; nodes grew by {string.Join(" and ", grown)} MB");
        await scenario.AssertSoundAsync();
        Assert.All(reads, r => Assert.True(r <= 3, $"{r} reads for each stream"));
        Assert.All(grown, mb => Assert.True(mb < 150, $"{mb} MB"));
    }

    private static async Task<double> ReadsAsync(Scenario scenario) =>
        (await Task.WhenAll(scenario.Nodes.Select(n => n.MetricAsync("hubservice_log_reads_total")))).Sum();
}
