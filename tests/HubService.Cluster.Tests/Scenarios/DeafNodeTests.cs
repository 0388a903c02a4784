using HubService.Cluster.Tests.Rig;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>A node's subscriber connection answers, and delivers nothing.</summary>
public sealed class DeafNodeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // R05. The connection leads to a Redis that nobody publishes to, as after a failover elsewhere. Centrifugo 6.9.1 never noticed.
    [Fact]
    public async Task A_node_that_hears_nothing_notices_says_so_and_heals()
    {
        await using var proxy = new TcpProxy(0);
        await using RedisServer elsewhere = await RedisServer.StartAsync();
        await using Scenario scenario = await Scenario.StartAsync("R05 deaf node", redisPort: (redis, i) =>
        {
            proxy.LeadTo(redis.Port);
            return i == 0 ? proxy.Port : redis.Port;
        });
        scenario.Subscribe(20, ["deaf"]);
        Publisher publisher = scenario.Publish(1, node: _ => () => scenario.Nodes[1].Url)[0];
        await scenario.LiveAsync();
        await publisher.PublishAsync("deaf", 5);

        // Only the subscriber connections move.
        proxy.LeadTo(elsewhere.Port);
        await RedisLinks.CutSubscribersAsync(proxy, scenario.Redis);
        await Waiting.UntilAsync("it subscribes elsewhere", Limit, async () => await RedisFigures.ChannelsAsync(elsewhere) > 0);
        Assert.True(await scenario.Nodes[0].IsReadyAsync());

        // No way to another connection, until it has said that it is deaf.
        proxy.LeadTo(Ports.Free());
        int asked = proxy.Asked;
        Load load = scenario.StartLoad(["deaf"], 5);
        TimeSpan noticed = await Waiting.UntilAsync("it connects anew", Limit, () => proxy.Asked > asked);
        TimeSpan red = await Waiting.UntilAsync("it is not ready", Limit, async () => !await scenario.Nodes[0].IsReadyAsync());
        Assert.True(await RedisFigures.ChannelsAsync(elsewhere) > 0);
        long seq = (await publisher.Publish("deaf").Placed).Seq;
        TimeSpan came = await Waiting.UntilAsync("its clients have what it did not hear of", Limit, () => scenario.Subscribers.All(s => s.At("deaf")?.Seq >= seq));
        Assert.False(await scenario.Nodes[0].IsReadyAsync());

        proxy.LeadTo(scenario.Redis.Port);
        TimeSpan healed = await Waiting.UntilAsync("it left the wrong Redis", Limit, async () => await RedisFigures.ChannelsAsync(elsewhere) == 0);
        TimeSpan green = await Waiting.UntilAsync("it is ready again", Limit, () => scenario.Nodes[0].IsReadyAsync());
        await load.StopAsync();
        Figures.Report("R05 deaf node", $"noticed after {noticed.TotalMilliseconds:0} ms, not ready after {(noticed + red).TotalMilliseconds:0} ms, an event came after {came.TotalMilliseconds:0} ms all the same; healed {healed.TotalMilliseconds:0} ms after there was a way, ready {green.TotalMilliseconds:0} ms later");
        await scenario.AssertSoundAsync();
        Assert.All(scenario.Subscribers, s => Assert.Equal(1, s.Connects));
    }
}
