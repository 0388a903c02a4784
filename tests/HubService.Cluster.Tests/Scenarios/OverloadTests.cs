using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>One node gets far less time than it needs.</summary>
public sealed class OverloadTests
{
    // R33. The node is let run a tenth of the time while the other is written to in bursts; its queues overflow, and nothing is dropped for good.
    [Fact]
    public async Task A_node_without_time_drops_nothing_for_good()
    {
        await using Scenario scenario = await Scenario.StartAsync("R33 overload");
        IReadOnlyList<Subscriber> slow = scenario.Subscribe(10, ["overload"], node: _ => () => scenario.Nodes[0].Url);
        scenario.Subscribe(5, ["overload"], node: _ => () => scenario.Nodes[1].Url);
        Publisher[] publishers = [.. scenario.Publish(2, batch: 50, node: _ => () => scenario.Nodes[1].Url)];
        await scenario.LiveAsync();
        long before = scenario.Nodes[0].Memory;
        using CancellationTokenSource over = new();
        Task throttled = ThrottleAsync(scenario.Nodes[0], over.Token);
        for (int i = 0; i < Scale.Of(3, 10); i++)
        {
            await Task.WhenAll(publishers.Select(p => p.PublishAsync("overload", Scale.Of(300, 1500), bytes: 200)));
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(300));
        }

        await over.CancelAsync();
        await throttled;
        long grown = (scenario.Nodes[0].Memory - before) >> 20;
        TimeSpan settled = await scenario.SettleAsync();
        Figures.Report("R33 overload", $"level {settled.TotalMilliseconds:0} ms after it got its time back, grown by {grown} MB, {slow.Sum(s => s.Connects - 1)} reconnects");
        await scenario.AssertSoundAsync();
        Assert.True(grown < 200, $"{grown} MB");
    }

    private static async Task ThrottleAsync(HubNode node, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            node.Freeze();
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(90), CancellationToken.None);
            node.Thaw();
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        }
    }
}
