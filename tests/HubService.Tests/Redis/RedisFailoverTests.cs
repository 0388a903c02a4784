using HubService.Contracts;
using HubService.Redis;
using HubService.Streams;
using HubService.Tests.Client;

namespace HubService.Tests.Redis;

/// <summary>What restarts, failovers and pauses of a real Redis do to a stream and to those who follow it.</summary>
public sealed class RedisFailoverTests
{
    private static readonly StreamKey Thread1 = new("acme", StreamKind.Thread, "thread_1");

    private static readonly string Log = new RedisKeys("hub").Of(Thread1).Log.ToString();

    [Fact]
    public async Task A_restart_that_lost_nothing_changes_the_epoch_and_resets_nobody()
    {
        await using RedisServer server = await RedisServer.StartAsync(new RedisServerOptions(AppendFsync: "always"));
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection, passes: true);
        AppendResult before = await Append(rig, 1, 10);
        var heard = new Heard();
        using Following following = await rig.Log.FollowAsync(Thread1, heard.Take);

        await server.RestartAsync();
        AppendResult after = await AppendAgain(rig, 11, 5);

        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal(15, after.Head);
        LogPage page = await rig.Log.ReadAsync(Thread1, new StreamPosition(before.Epoch, 8), 100);
        Assert.Equal((ReadVerdict.Ok, 7), (page.Verdict, page.Entries.Count));
        await Wait.Until(() => heard.Head.Seq == 15);
        Assert.Equal(Enumerable.Range(11, 5).Select(i => (long)i), heard.Seqs);
    }

    // A fork was recorded only by an append: positions that were handed out between two restarts without an append in between were of
    // an epoch that nobody knew afterwards, and every reader of a quiet stream was reset to the beginning.
    [Fact]
    public async Task Restarts_without_an_append_in_between_reset_nobody()
    {
        await using RedisServer server = await RedisServer.StartAsync(new RedisServerOptions(AppendFsync: "always"));
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection, passes: true);
        string epoch = (await Append(rig, 1, 5)).Epoch;
        for (int i = 0; i < 4; i++)
        {
            await server.RestartAsync();
            LogHead head = await AgainAsync(async () => await rig.Log.HeadAsync(Thread1));
            Assert.NotEqual(epoch, head.Epoch);
            Assert.Equal(ReadVerdict.Ok, (await rig.Log.ReadAsync(Thread1, new StreamPosition(epoch, 5), 10)).Verdict);
            epoch = head.Epoch;
        }

        Assert.Equal(6, (await Append(rig, 6, 1)).Head);
    }

    [Fact]
    public async Task A_replica_promoted_without_the_newest_events_resets_whoever_has_them_and_nobody_else()
    {
        await using RedisServer primary = await RedisServer.StartAsync();
        await using RedisServer replica = await RedisServer.StartAsync(new RedisServerOptions(ReplicaOf: primary));
        await using var first = await RedisRig.StartAsync(primary.Connection);
        AppendResult old = await Append(first, 1, 100);
        await Eventually(async () => await replica.CommandAsync("XLEN", Log) == "100");
        await replica.CommandAsync("REPLICAOF", "NO", "ONE");
        await Append(first, 101, 50);
        await using var second = await RedisRig.StartAsync(replica.Connection);

        AppendResult forked = await Append(second, 101, 60, "other");

        Assert.NotEqual(old.Epoch, forked.Epoch);
        Assert.Equal(160, forked.Head);
        LogPage phantom = await second.Log.ReadAsync(Thread1, new StreamPosition(old.Epoch, 150), 10);
        Assert.Equal((ReadVerdict.Reset, 100L), (phantom.Verdict, phantom.LastValid));
        LogPage valid = await second.Log.ReadAsync(Thread1, new StreamPosition(old.Epoch, 100), 10);
        Assert.Equal((ReadVerdict.Ok, 101L, "other101"), (valid.Verdict, valid.Entries[0].Seq, valid.Entries[0].EventId));
        Assert.True((await second.Log.AppendAsync(Thread1, [Event("x")], new LogHead(old.Epoch, 160))).Conflict);
    }

    // Two nodes that were given one event in the same millisecond both called it new.
    [Fact]
    public async Task The_same_event_of_another_node_is_a_conflict_and_no_retry()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig node = await RedisRig.StartAsync(server.Connection);
        await using RedisRig other = await RedisRig.StartAsync(server.Connection);
        LogHead head = new((await Append(node, 1, 1)).Epoch, 1);
        NewLogEvent e = Event("twice");

        AppendResult first = await node.Log.AppendAsync(Thread1, [e], head);
        AppendResult retry = await node.Log.AppendAsync(Thread1, [e], head);
        AppendResult elsewhere = await other.Log.AppendAsync(Thread1, [e], head);

        Assert.Equal((2L, false, false), (first.Head, first.Conflict, first.Events[0].Duplicate));
        Assert.Equal((2L, false), (retry.Head, retry.Conflict));
        Assert.True(elsewhere.Conflict);
    }

    [Fact]
    public async Task A_stream_whose_server_forgot_it_begins_anew_and_says_so_to_its_followers()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection, passes: true);
        AppendResult before = await Append(rig, 1, 10);
        var heard = new Heard();
        using Following following = await rig.Log.FollowAsync(Thread1, heard.Take);

        await server.RestartAsync();

        await Wait.Until(() => heard.Nudges > 0);
        Assert.Equal(0, heard.Head.Seq);
        LogPage page = await AgainAsync(async () => await rig.Log.ReadAsync(Thread1, new StreamPosition(before.Epoch, 10), 10));
        Assert.Equal((ReadVerdict.Reset, 0L), (page.Verdict, page.LastValid));
        await AppendAgain(rig, 1, 3);
        await Wait.Until(() => heard.Head.Seq == 3);
    }

    [Fact]
    public async Task A_lost_last_event_is_found_without_another_one()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig publisher = await RedisRig.StartAsync(server.Connection);
        await using RedisRig follower = await RedisRig.StartAsync(server.Connection, passes: true);
        var heard = new Heard();
        using Following following = await follower.Log.FollowAsync(Thread1, heard.Take);
        await Append(publisher, 1, 1);
        await Wait.Until(() => heard.Head.Seq == 1);

        await server.CommandAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await Append(publisher, 2, 1);

        await Wait.Until(() => heard.Head.Seq == 2);
        Assert.Equal([1, 2], heard.Seqs);
    }

    [Fact]
    public async Task A_server_that_stops_answering_gets_nothing_more_and_what_was_sent_is_unknown()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection, passes: true);
        LogHead head = new((await Append(rig, 1, 1)).Epoch, 1);
        NewLogEvent e = Event("sent");
        server.Stop();
        try
        {
            LogException sent = await Assert.ThrowsAsync<LogException>(async () => await rig.Log.AppendAsync(Thread1, [e], head));
            LogException next = await Assert.ThrowsAsync<LogException>(async () => await rig.Log.AppendAsync(Thread1, [Event("not sent")], head));
            Assert.Equal((ErrorCodes.OutcomeUnknown, ErrorCodes.StoreUnavailable), (sent.Code, next.Code));
        }
        finally
        {
            server.Continue();
        }

        AppendResult again = await AgainAsync(async () => await rig.Log.AppendAsync(Thread1, [e], head));
        Assert.Equal((2L, false), (again.Head, again.Conflict));
        Assert.Equal(["e1", "sent"], (await rig.Log.ReadAsync(Thread1, StreamPosition.Start, 10)).Entries.Select(e => e.EventId));
    }

    [Theory]
    [InlineData("maxmemory", "1", "store_full")]
    [InlineData("min-replicas-to-write", "1", "store_unavailable")]
    public async Task What_the_server_refuses_was_not_applied(string setting, string value, string code)
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection);
        await Append(rig, 1, 1);
        await server.CommandAsync("CONFIG", "SET", setting, value);

        LogException refused = await Assert.ThrowsAsync<LogException>(async () => await Append(rig, 2, 1));
        await server.CommandAsync("CONFIG", "SET", setting, "0");

        Assert.Equal(code, refused.Code);
        Assert.Equal(1, (await rig.Log.HeadAsync(Thread1)).Seq);
        Assert.Equal(2, (await Append(rig, 2, 1)).Head);
    }

    // A node that was refused is not ready, so nobody sends it anything to publish; it used to wait for just that to be ready again.
    [Theory]
    [InlineData("maxmemory", "1")]
    [InlineData("min-replicas-to-write", "1")]
    public async Task A_node_that_was_refused_is_ready_again_without_another_append(string setting, string value)
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection, passes: true);
        await server.CommandAsync("CONFIG", "SET", setting, value);
        await Assert.ThrowsAsync<LogException>(async () => await Append(rig, 1, 1));
        Assert.NotNull(rig.Log.RefusalCode);

        await rig.Log.TryAgainOnceAsync();
        Assert.NotNull(rig.Log.RefusalCode);
        await server.CommandAsync("CONFIG", "SET", setting, "0");

        await Wait.Until(() => rig.Log.RefusalCode is null);
    }

    [Fact]
    public async Task A_server_that_forgot_the_scripts_gets_them_again_in_order()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RedisRig rig = await RedisRig.StartAsync(server.Connection);
        for (int i = 1; i <= 50; i++)
        {
            Task<string> flushed = server.CommandAsync("SCRIPT", "FLUSH");
            Assert.Equal(i, (await Append(rig, i, 1)).Head);
            await flushed;
        }
    }

    private static Task<AppendResult> Append(RedisRig rig, int from, int count, string prefix = "e") =>
        rig.Log.AppendAsync(Thread1, [.. Enumerable.Range(from, count).Select(i => Event($"{prefix}{i}"))]).AsTask();

    private static NewLogEvent Event(string id) => new(id, true, "agent_thinking", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), "{}"u8.ToArray());

    private static Task<AppendResult> AppendAgain(RedisRig rig, int from, int count) => AgainAsync(() => Append(rig, from, count));

    /// <summary>Until the server is back.</summary>
    private static async Task<T> AgainAsync<T>(Func<Task<T>> call)
    {
        T? result = default;
        await Eventually(async () =>
        {
            try
            {
                result = await call();
                return true;
            }
            catch (LogException)
            {
                return false;
            }
        });
        return result!;
    }

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        using CancellationTokenSource hopeless = new(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, hopeless.Token);
        }
    }

    private sealed class Heard
    {
        private readonly Lock _gate = new();
        private readonly List<LogEntry> _entries = [];

        public LogHead Head { get; private set; }

        public int Nudges { get; private set; }

        public IReadOnlyList<long> Seqs
        {
            get
            {
                lock (_gate)
                {
                    return [.. _entries.Select(e => e.Seq)];
                }
            }
        }

        public void Take(LogBatch batch)
        {
            lock (_gate)
            {
                Head = batch.Head;
                Nudges += batch.Entries.Count == 0 ? 1 : 0;
                _entries.AddRange(batch.Entries);
            }
        }
    }
}
