using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>One node hears nothing of Redis for a while, and Redis nothing of it.</summary>
public sealed class PartitionTests
{
    // R25. What the node was sending arrives when the link is back, as in a network; nobody else notices anything.
    [Fact]
    public async Task A_node_apart_from_Redis_says_so_and_catches_up()
    {
        await using var link = new TcpProxy(0);
        await using Scenario scenario = await Scenario.StartAsync("R25 partition", redisPort: (redis, i) =>
        {
            link.LeadTo(redis.Port);
            return i == 0 ? link.Port : redis.Port;
        });
        IReadOnlyList<Subscriber> apart = scenario.Subscribe(10, ["partition"], node: _ => () => scenario.Nodes[0].Url);
        scenario.Subscribe(10, ["partition"], node: _ => () => scenario.Nodes[1].Url);
        Publisher at = scenario.Publish(1, node: _ => () => scenario.Nodes[1].Url)[0];
        using var http = new HttpPublisher(scenario.Recorder, "apart", Scenario.Tenant);
        await scenario.LiveAsync();
        Load load = scenario.StartLoad(["partition"], 50);
        await Waiting.PauseAsync(TimeSpan.FromSeconds(2));
        int calm = at.Acknowledged.Count, number = 0;
        link.Silence();
        List<TimeSpan> answered = [];
        Task silent = Waiting.PauseAsync(TimeSpan.FromSeconds(Scale.Of(4, 10)));
        while (!silent.IsCompleted)
        {
            Attempt attempt = await http.PublishAsync(scenario.Nodes[0].Url, new Sent("partition", $"apart-{++number}", "x"));
            answered.Add(attempt.Took);
            Assert.NotNull(attempt.Code);
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(100));
        }

        link.Mend();
        TimeSpan healed = await Waiting.UntilAsync("its clients have caught up", TimeSpan.FromSeconds(15), () => apart.All(s => s.At("partition")?.Seq >= at.Acknowledged.Count));
        await load.StopAsync();
        Figures.Report("R25 partition", $"refused after {Figures.Spread(answered)}; caught up {healed.TotalMilliseconds:0} ms after it healed");
        Figures.Report("R25 partition", $"on the other node before {Figures.Spread(at.Acknowledged.Take(calm).Select(s => s.Took!.Value))}, with and after it {Figures.Spread(at.Acknowledged.Skip(calm).Select(s => s.Took!.Value))}");
        await scenario.AssertSoundAsync();
        Assert.True(answered.Max() < TimeSpan.FromSeconds(5));
        Assert.All(scenario.Subscribers, s => Assert.Equal(1, s.Connects));
    }
}
