using System.Globalization;
using System.Text.RegularExpressions;
using HubService.Cluster.Tests.Rig;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>A node's subscriber connection answers, and delivers nothing.</summary>
public sealed partial class DeafNodeTests
{
    // R05. The connection leads to a Redis that nobody publishes to, as after a failover elsewhere. Centrifugo 6.9.1 never noticed.
    [Fact]
    public async Task A_node_that_hears_nothing_notices_and_heals()
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
        foreach (Match client in Address().Matches(await scenario.Redis.CommandAsync("CLIENT", "LIST", "TYPE", "pubsub")))
        {
            proxy.Cut(int.Parse(client.Groups["port"].ValueSpan, CultureInfo.InvariantCulture));
        }

        await Waiting.UntilAsync("it subscribes elsewhere", TimeSpan.FromSeconds(10), async () => await RedisFigures.ChannelsAsync(elsewhere) > 0);
        proxy.LeadTo(scenario.Redis.Port);
        Load load = scenario.StartLoad(["deaf"], 5);
        TimeSpan healed = await Waiting.UntilAsync("it left the wrong Redis", TimeSpan.FromSeconds(15), async () => await RedisFigures.ChannelsAsync(elsewhere) == 0);
        await load.StopAsync();
        Figures.Report("R05 deaf node", $"noticed and healed after {healed.TotalMilliseconds:0} ms");
        await scenario.AssertSoundAsync();
    }

    [GeneratedRegex(@"\baddr=127\.0\.0\.1:(?<port>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();
}
