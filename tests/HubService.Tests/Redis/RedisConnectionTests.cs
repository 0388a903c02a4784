using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Redis;

/// <summary>Every kind of connection string that the documentation names leads to the primary, also after that is another one.</summary>
public sealed class RedisConnectionTests
{
    private static readonly StreamKey Thread1 = new("acme", StreamKind.Thread, "thread_1");

    [Fact]
    public async Task A_password_is_used_and_its_absence_is_said_without_the_connection_string()
    {
        await using RedisServer server = await RedisServer.StartAsync(new RedisServerOptions(Password: "s3cret!"));
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection);
        Assert.Equal(1, (await Append(rig, "a")).Head);

        LogException refused = await Assert.ThrowsAsync<LogException>(() => new HubService.Redis.RedisConnector($"127.0.0.1:{server.Port},password=wrong-one").ConnectAsync());
        Assert.Contains("Redis:Connection", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-one", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_is_refused()
    {
        await using RedisServer primary = await RedisServer.StartAsync();
        await using RedisServer replica = await RedisServer.StartAsync(new RedisServerOptions(ReplicaOf: primary));

        LogException refused = await Assert.ThrowsAsync<LogException>(() => new HubService.Redis.RedisConnector(replica.Connection).ConnectAsync());
        Assert.Contains("not a primary", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sentinels_lead_to_the_primary_and_to_the_next_one_after_a_failover()
    {
        await using RedisServer primary = await RedisServer.StartAsync();
        await using RedisServer replica = await RedisServer.StartAsync(new RedisServerOptions(ReplicaOf: primary));
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync(primary);
        await using RedisRig rig = await RedisRig.StartAsync($"127.0.0.1:{sentinel.Port},serviceName={RedisSentinel.Service}", passes: true);
        await Append(rig, "a");
        await Eventually(async () => await sentinel.KnowsReplicaAsync() && await replica.CommandAsync("XLEN", Log) == "1");

        await primary.KillAsync();
        await Eventually(async () =>
        {
            try
            {
                return (await Append(rig, "b")).Head == 2;
            }
            catch (LogException)
            {
                return false;
            }
        });

        Assert.Equal(["a", "b"], (await rig.Log.ReadAsync(Thread1, StreamPosition.Start, 10)).Entries.Select(e => e.EventId));
        Assert.Equal("2", await replica.CommandAsync("XLEN", Log));
    }

    private static string Log => new HubService.Redis.RedisKeys("hub").Of(Thread1).Log.ToString();

    private static async Task<AppendResult> Append(RedisRig rig, string id) =>
        await rig.Log.AppendAsync(Thread1, [new NewLogEvent(id, true, "agent_thinking", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), "{}"u8.ToArray())]);

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        using CancellationTokenSource hopeless = new(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, hopeless.Token);
        }
    }
}
