using System.Globalization;
using HubService.Checker;
using HubService.Cluster.Tests.Rig;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>A replica that lags becomes the primary: acknowledged events are gone, and everybody concerned is told.</summary>
public sealed class FailoverTests
{
    private const int Kept = 100;

    public static TheoryData<int> Runs => [.. Enumerable.Range(1, Scale.Of(2, 20))];

    // R02. With a constant epoch 50 of 50 events would differ in silence: clients that saw 101 to 150 would skip the new ones of these numbers.
    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_failover_that_loses_a_tail_resets_who_saw_it_and_nobody_else(int run)
    {
        await using var link = new TcpProxy(0);
        await using var front = new TcpProxy(0);
        await using Scenario scenario = await Scenario.StartAsync("R02 failover", run: new Run(Rollback: true), redisPort: (redis, _) =>
        {
            link.LeadTo(redis.Port);
            front.LeadTo(redis.Port);
            return front.Port;
        });
        RedisServer replica = scenario.Own(await RedisServer.StartAsync(new RedisServerOptions(AppendFsync: "everysec", More: ["--replicaof", $"127.0.0.1 {link.Port}"])));
        await CaughtUpAsync(scenario.Redis, replica);

        IReadOnlyList<Subscriber> above = scenario.Subscribe(10, ["failover"]), below = scenario.Subscribe(10, ["failover"]);
        Publisher[] publishers = [.. scenario.Publish(2)];
        await scenario.LiveAsync();
        await Task.WhenAll(publishers.Select(p => p.PublishAsync("failover", Kept / 2)));
        await ReachAsync(scenario.Subscribers, Kept);
        await CaughtUpAsync(scenario.Redis, replica);

        foreach (Subscriber subscriber in below)
        {
            subscriber.Leave();
        }

        link.Refuse();
        await Task.WhenAll(publishers.Select(p => p.PublishAsync("failover", 25)));
        await ReachAsync(above, Kept + 50);
        await scenario.Redis.KillAsync();
        front.Cut();
        Assert.Equal("OK", await replica.CommandAsync("REPLICAOF", "NO", "ONE"));
        front.LeadTo(replica.Port);
        await Task.WhenAll(publishers.Select(p => p.PublishAsync("failover", 30)));
        foreach (Subscriber subscriber in below)
        {
            subscriber.Return();
        }

        TimeSpan reset = await Waiting.UntilAsync("everybody above the fork is reset", TimeSpan.FromSeconds(15), () => above.All(s => s.Resets.Count > 0));
        await Waiting.UntilAsync("both publishers are told", TimeSpan.FromSeconds(15), () => publishers.All(p => p.RolledBack.Count > 0));
        Figures.Report("R02 failover", $"run {run}: reset {reset.TotalMilliseconds:0} ms after the last acknowledgement");
        await scenario.AssertSoundAsync();
        Assert.All(above, s => Assert.Equal([Kept], s.Resets.Select(r => r.LastValid)));
        Assert.All(below, s => Assert.Empty(s.Resets));
        Assert.All(publishers, p => Assert.Equal([Kept], p.RolledBack.Select(r => r.LastValid).Distinct()));
        Assert.Equal(Kept + 60 + 50, scenario.Recorder.Records.OfType<Entry>().Count());
    }

    private static Task<TimeSpan> ReachAsync(IEnumerable<Subscriber> subscribers, long seq) =>
        Waiting.UntilAsync($"everybody has {seq}", TimeSpan.FromSeconds(15), () => subscribers.All(s => s.At("failover")?.Seq == seq));

    private static Task<TimeSpan> CaughtUpAsync(RedisServer master, RedisServer replica) => Waiting.UntilAsync("the replica has caught up", TimeSpan.FromSeconds(30), async () =>
        (await replica.CommandAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal) && await OffsetAsync(master) == await OffsetAsync(replica));

    private static async Task<long> OffsetAsync(RedisServer server) =>
        long.Parse((await server.CommandAsync("INFO", "replication")).Split('\n').First(l => l.StartsWith("master_repl_offset:", StringComparison.Ordinal)).AsSpan(19).Trim(), CultureInfo.InvariantCulture);
}
