using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>One node gets far less time than it needs.</summary>
public sealed class OverloadTests
{
    // R33. The node has a twentieth of a processor while the other is written to in bursts; its queues overflow, and nothing is dropped for good.
    [Fact]
    public async Task A_node_without_time_drops_nothing_for_good()
    {
        const int MegaByte = 1 << 20, Batch = 50;
        int burst = Scale.Of(900, 1_500);
        await using Scenario scenario = await Scenario.StartAsync("R33 overload");
        HubNode starved = scenario.Nodes[0];
        IReadOnlyList<Subscriber> slow = scenario.Subscribe(40, ["overload"], node: _ => () => starved.Url);
        scenario.Subscribe(5, ["overload"], node: _ => () => scenario.Nodes[1].Url);
        Publisher[] publishers = [.. scenario.Publish(2, Batch, node: _ => () => scenario.Nodes[1].Url)];
        await scenario.LiveAsync();
        long before = starved.Memory, behind = 0;
        string how;
        await using (var throttle = new Throttle(starved))
        {
            for (int i = 0; i < Scale.Of(3, 10); i++)
            {
                Task bursts = Task.WhenAll(publishers.Select(p => p.PublishAsync("overload", burst, bytes: 200)));

                // About 3,000 in a second, if the other node keeps up.
                await Task.WhenAll(bursts, Waiting.PauseAsync(TimeSpan.FromSeconds(2 * burst / 3_000.0)));
                behind = Math.Max(behind, publishers.Sum(p => p.Acknowledged.Count) - slow.Min(s => s.At("overload")?.Seq ?? 0));
            }

            how = $"{throttle}";
        }

        long grown = (starved.Memory - before) / MegaByte;
        TimeSpan settled = await scenario.SettleAsync();
        Figures.Report("R33 overload", $"{how}; up to {behind} events behind, level {settled.TotalMilliseconds:0} ms after it got its time back, {await starved.MetricAsync("hubservice_events_replayed_total"):0} sent again from the log, grown by {grown} MB, {slow.Sum(s => s.Connects - 1)} reconnects");
        await scenario.AssertSoundAsync();
        Assert.True(behind > 2 * Batch, $"It kept up: {behind} events behind.");
        Assert.True(grown < 200, $"{grown} MB");
    }
}
