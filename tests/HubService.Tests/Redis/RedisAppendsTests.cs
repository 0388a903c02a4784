using System.Globalization;
using HubService.Contracts;
using HubService.Redis;
using HubService.Streams;

namespace HubService.Tests.Redis;

/// <summary>Appends that share calls, and what the script leaves undone until it is due.</summary>
public sealed class RedisAppendsTests(SharedRedis redis) : IClassFixture<SharedRedis>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _prefix = Ids.New();

    [Fact]
    public async Task Appends_that_wait_for_a_call_share_the_next()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection, timeout: Patience);
        await rig.Log.AppendAsync(Stream(0), [Event("first")]);
        long before = await AppendCallsAsync(server);

        server.Stop();
        Task<AppendResult>[] appends = [.. Enumerable.Range(1, 200).Select(i => rig.Log.AppendAsync(Stream(i), [Event("a"), Event("b")]).AsTask())];
        server.Continue();
        AppendResult[] results = await Task.WhenAll(appends);

        Assert.All(results, r => Assert.Equal((2, 1, 2, false), (r.Head, r.Events[0].Seq, r.Events[1].Seq, r.Conflict)));
        Assert.InRange(await AppendCallsAsync(server) - before, 1, 8);
    }

    [Fact]
    public async Task What_fails_for_one_stream_harms_no_other_of_the_same_call()
    {
        await using RedisRig rig = await RedisRig.StartAsync(redis.Server.Connection, _prefix, timeout: Patience);
        await redis.Server.CommandAsync("SET", Keys(5).Meta.ToString(), "no hash");

        Task<AppendResult>[] appends = await WhileItIsStoppedAsync(i => rig.Log.AppendAsync(Stream(i), [Event("a")]));

        LogException refused = await Assert.ThrowsAsync<LogException>(() => appends[5]);
        Assert.Equal(ErrorCodes.StoreUnavailable, refused.Code);
        foreach (Task<AppendResult> append in appends.Where((_, i) => i != 5))
        {
            Assert.Equal(1, (await append).Head);
        }

        Assert.Equal("0", await redis.Server.CommandAsync("SISMEMBER", $"{_prefix}:unsettled", Stream(5).Group));
        Assert.Equal("1", await redis.Server.CommandAsync("SISMEMBER", $"{_prefix}:unsettled", Stream(4).Group));
    }

    [Fact]
    public async Task What_cannot_be_read_of_one_stream_harms_no_other_of_the_same_call()
    {
        await using RedisRig rig = await RedisRig.StartAsync(redis.Server.Connection, _prefix, timeout: Patience);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => rig.Log.AppendAsync(Stream(i), [Event("a"), Event("b")]).AsTask()));
        await redis.Server.CommandAsync("DEL", Keys(5).Meta.ToString(), Keys(6).Ids.ToString());
        await redis.Server.CommandAsync("SET", Keys(5).Meta.ToString(), "no hash");
        await redis.Server.CommandAsync("SET", Keys(6).Ids.ToString(), "no hash");

        await AssertOnlyAsync(5, await WhileItIsStoppedAsync(i => rig.Log.HeadAsync(Stream(i))), static head => Assert.Equal(2, head.Seq));
        await AssertOnlyAsync(6, await WhileItIsStoppedAsync(i => rig.Log.FindAsync(Stream(i), ["b", "x"])), static seqs => Assert.Equal([2L, null], seqs));
        Assert.Equal([2L, null], await rig.Log.FindAsync(Stream(7), ["b", "x"]));
    }

    [Fact]
    public async Task A_full_server_refuses_every_stream_of_a_call_and_keeps_nothing()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection, timeout: Patience);
        await server.CommandAsync("CONFIG", "SET", "maxmemory", "1");

        Task<AppendResult>[] appends = [.. Enumerable.Range(0, 10).Select(i => rig.Log.AppendAsync(Stream(i), [Event("a")]).AsTask())];
        foreach (Task<AppendResult> append in appends)
        {
            Assert.Equal(ErrorCodes.StoreFull, (await Assert.ThrowsAsync<LogException>(() => append)).Code);
        }

        await server.CommandAsync("CONFIG", "SET", "maxmemory", "0");
        Assert.Equal("0", await server.CommandAsync("DBSIZE"));
    }

    // It said the top of the stream, so that its node took what another one had appended in between for seen.
    [Fact]
    public async Task A_retry_that_stands_already_ends_at_its_own_last_event()
    {
        await using RedisRig node = await RedisRig.StartAsync(redis.Server.Connection, _prefix);
        await using RedisRig other = await RedisRig.StartAsync(redis.Server.Connection, _prefix);
        LogHead head = new((await node.Log.AppendAsync(Stream(1), [Event("a")])).Epoch, 1);
        NewLogEvent[] batch = [Event("b"), Event("c")];
        await node.Log.AppendAsync(Stream(1), batch, head);
        await other.Log.AppendAsync(Stream(1), [Event("d")], head with { Seq = 3 });

        AppendResult retry = await node.Log.AppendAsync(Stream(1), batch, head);

        Assert.Equal((3L, false, 2L, 3L), (retry.Head, retry.Conflict, retry.Events[0].Seq, retry.Events[1].Seq));
        Assert.True((await node.Log.AppendAsync(Stream(1), [Event("e")], head with { Seq = 3 })).Conflict);
    }

    [Fact]
    public async Task A_log_that_may_go_is_kept_again_by_the_next_append()
    {
        await using RedisRig rig = await RedisRig.StartAsync(redis.Server.Connection, _prefix);
        AppendResult appended = await rig.Log.AppendAsync(Stream(1), [Event("a")]);
        TimeSpan kept = new RedisOptions().StreamTtl, age = new StreamOptions().Thread.Age;
        Assert.True(await TimeToLiveAsync(Keys(1).Log) >= kept);
        Assert.True(await TimeToLiveAsync(Keys(1).Meta) >= kept);

        await rig.Log.SaveSnapshotAsync(Stream(1), new Snapshot(1, false, new byte[1], appended.Epoch));
        Assert.True(await TimeToLiveAsync(Keys(1).Log) <= age);
        Assert.True(await TimeToLiveAsync(Keys(1).Snapshot) >= kept);

        await rig.Log.AppendAsync(Stream(1), [Event("b")]);
        Assert.True(await TimeToLiveAsync(Keys(1).Log) >= kept);
    }

    [Fact]
    public async Task A_time_to_live_that_another_version_shortened_is_set_again_before_the_age_to_keep_is_over()
    {
        var clock = new ManualTimeProvider();
        await using RedisRig rig = await RedisRig.StartAsync(redis.Server.Connection, _prefix, clock: clock);
        await rig.Log.AppendAsync(Stream(1), [Event("a")]);
        TimeSpan age = new StreamOptions().Thread.Age;
        await redis.Server.CommandAsync("PEXPIRE", Keys(1).Log.ToString(), ((long)age.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));

        clock.Advance((age / 8) + TimeSpan.FromSeconds(1));
        await rig.Log.AppendAsync(Stream(1), [Event("b")]);

        Assert.True(await TimeToLiveAsync(Keys(1).Log) >= new RedisOptions().StreamTtl);
    }

    [Fact]
    public async Task Ids_of_publishers_go_by_themselves_and_others_are_never_kept()
    {
        await using RedisRig rig = await RedisRig.StartAsync(redis.Server.Connection, _prefix);
        await rig.Log.AppendAsync(Stream(1), [Event("a") with { Idempotent = false }]);
        Assert.Equal("0", await redis.Server.CommandAsync("EXISTS", Keys(1).Ids.ToString()));

        await rig.Log.AppendAsync(Stream(1), [Event("b")]);

        TimeSpan window = new StreamOptions().IdempotencyWindow;
        Assert.InRange(await TimeToLiveAsync(Keys(1).Ids), window, 2 * window);
    }

    private async Task<Task<T>[]> WhileItIsStoppedAsync<T>(Func<int, ValueTask<T>> call)
    {
        redis.Server.Stop();
        try
        {
            return [.. Enumerable.Range(0, 10).Select(i => call(i).AsTask())];
        }
        finally
        {
            redis.Server.Continue();
            await redis.Server.CommandAsync("PING");
        }
    }

    private static async Task AssertOnlyAsync<T>(int failing, Task<T>[] calls, Action<T> good)
    {
        Assert.Equal(ErrorCodes.StoreUnavailable, (await Assert.ThrowsAsync<LogException>(() => calls[failing])).Code);
        foreach (Task<T> call in calls.Where((_, i) => i != failing))
        {
            good(await call);
        }
    }

    private StreamKeys Keys(int i) => new RedisKeys(_prefix).Of(Stream(i));

    private async Task<TimeSpan> TimeToLiveAsync(StackExchange.Redis.RedisKey key) =>
        TimeSpan.FromMilliseconds(long.Parse(await redis.Server.CommandAsync("PTTL", key.ToString()), CultureInfo.InvariantCulture));

    private static async Task<long> AppendCallsAsync(RedisServer server)
    {
        string calls = (await server.CommandAsync("INFO", "commandstats")).Split('\n').Single(static l => l.StartsWith("cmdstat_evalsha:", StringComparison.Ordinal));
        return long.Parse(calls.Split('=', ',')[1], CultureInfo.InvariantCulture);
    }

    private static StreamKey Stream(int i) => new("acme", StreamKind.Thread, $"thread_{i.ToString(CultureInfo.InvariantCulture)}");

    private static NewLogEvent Event(string id) => new(id, true, "agent_thinking", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), "{}"u8.ToArray());
}
