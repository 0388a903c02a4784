using System.Globalization;
using HubService.Cluster.Tests.Rig;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>The last event before a silence is lost on its way.</summary>
public sealed class TailLossTests
{
    // R04. No later event shows the gap, so the node has to look for itself.
    [Fact]
    public async Task The_last_event_comes_although_the_channel_broke()
    {
        await using Scenario scenario = await Scenario.StartAsync("R04 tail loss");
        scenario.Subscribe(20, ["tail"]);
        Publisher publisher = scenario.Publish(1)[0];
        await scenario.LiveAsync();
        await publisher.PublishAsync("tail", 1);
        List<TimeSpan> came = [];
        for (int i = 0; i < Scale.Of(5, 30); i++)
        {
            await Waiting.UntilAsync("both nodes listen", TimeSpan.FromSeconds(10), async () => await ListenersAsync(scenario.Redis) >= 2);
            Assert.True(int.Parse(await scenario.Redis.CommandAsync("CLIENT", "KILL", "TYPE", "pubsub"), CultureInfo.InvariantCulture) >= 2);
            long seq = (await publisher.Publish("tail").Placed).Seq;
            came.Add(await Waiting.UntilAsync("the event is everywhere", TimeSpan.FromSeconds(10), () => scenario.Subscribers.All(s => s.At("tail")?.Seq == seq)));
        }

        Figures.Report("R04 tail loss", $"everywhere after: {Figures.Spread(came)}");
        await scenario.AssertSoundAsync();
        Assert.True(came.Max() < TimeSpan.FromSeconds(5));
    }

    private static async Task<int> ListenersAsync(RedisServer redis) =>
        (await redis.CommandAsync("CLIENT", "LIST", "TYPE", "pubsub")).Split('\n').Count(line => line.Contains("addr=", StringComparison.Ordinal));
}
