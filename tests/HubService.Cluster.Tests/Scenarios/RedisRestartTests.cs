using HubService.Checker;
using HubService.Cluster.Tests.Rig;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Redis is killed and started again.</summary>
public sealed class RedisRestartTests
{
    // R09. With its append-only file a killed Redis loses nothing, and nobody is reset although the epoch changes. The file is written
    // before each answer: with everysec Redis holds writes back for up to two seconds while the disk is slow, and loses them when killed then.
    [Fact]
    public async Task A_restart_with_a_file_loses_nothing_and_resets_nobody()
    {
        await using Scenario scenario = await Scenario.StartAsync("R09 Redis restart", new RedisServerOptions(AppendFsync: "always"));
        scenario.Subscribe(20, ["restart-a", "restart-b"]);
        scenario.Publish(2);
        await scenario.LiveAsync();
        Load load = scenario.StartLoad(["restart-a", "restart-b"], Scale.Of(100, 500));
        List<TimeSpan> outages = [];
        for (int i = 0; i < Scale.Of(2, 4); i++)
        {
            await scenario.AcknowledgedAsync(Scale.Of(150, 750));
            await scenario.Redis.RestartAsync();
            outages.Add(await scenario.AcknowledgedAsync(10));
        }

        await load.StopAsync();
        Figures.Report("R09 Redis restart", $"publishing again after the start: {Figures.Spread(outages)}");
        await scenario.AssertSoundAsync();
        Assert.All(scenario.Subscribers, s => Assert.Empty(s.Resets));
    }

    // R10. Without a file everything is gone, and everybody hears of it though nothing more is published.
    [Fact]
    public async Task A_restart_without_a_file_resets_everybody()
    {
        await using Scenario scenario = await Scenario.StartAsync("R10 Redis empty", new RedisServerOptions(), run: new Run(Rollback: true));
        scenario.Subscribe(20, ["empty"]);
        Publisher publisher = scenario.Publish(1)[0];
        await scenario.LiveAsync();
        await publisher.PublishAsync("empty", 50);
        await Waiting.UntilAsync("everybody has everything", TimeSpan.FromSeconds(10), () => scenario.Subscribers.All(s => s.At("empty")?.Seq == 50));
        List<TimeSpan> told = [];
        for (int i = 0; i < Scale.Of(1, 4); i++)
        {
            int resets = i;
            await scenario.Redis.RestartAsync();
            told.Add(await Waiting.UntilAsync("everybody is reset", TimeSpan.FromSeconds(20), () => scenario.Subscribers.All(s => s.Resets.Count > resets)));
            await publisher.PublishAsync("empty", 10);
            await Waiting.UntilAsync("the publisher is told", TimeSpan.FromSeconds(10), () => publisher.RolledBack.Count > resets);
            await scenario.SettleAsync();
        }

        Figures.Report("R10 Redis empty", $"everybody reset after {Figures.Spread(told)}");
        await scenario.AssertSoundAsync();
        Assert.All(scenario.Subscribers, s => Assert.All(s.Resets, r => Assert.Equal(0, r.LastValid)));
    }
}
