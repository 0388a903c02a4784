using System.Collections.Concurrent;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Streams;

public abstract partial class EventLogSpec
{
    [Fact]
    public async Task A_follower_was_handed_a_batch_when_its_append_completes()
    {
        await Append("a");
        var handed = new List<LogBatch>();
        using Following following = await Log.FollowAsync(Thread1, handed.Add);
        Assert.Equal(1, following.Head.Seq);

        for (int i = 0; i < 100; i++)
        {
            AppendResult result = await Append($"b{i}", $"c{i}");

            Assert.Equal(i + 1, handed.Count);
            Assert.Equal((Thread1, result.Epoch), (handed[^1].Stream, handed[^1].Epoch));
            Assert.Equal(result.Events.Select(e => e.Seq), handed[^1].Entries.Select(e => e.Seq));
            Assert.Equal([$"b{i}", $"c{i}"], handed[^1].Entries.Select(e => e.EventId));
        }
    }

    [Fact]
    public async Task A_follower_of_a_stream_nobody_wrote_to_gets_its_first_event()
    {
        var handed = new List<LogBatch>();
        using Following following = await Log.FollowAsync(Thread1, handed.Add);

        string epoch = (await Append("a")).Epoch;

        Assert.Equal(new LogHead("", 0), following.Head);
        Assert.Equal(epoch, Assert.Single(handed).Epoch);
    }

    [Fact]
    public async Task Each_follower_starts_exactly_after_its_head_while_appends_race()
    {
        const int Appends = 2_000;
        using var done = new CancellationTokenSource();
        Task appending = Task.Run(async () =>
        {
            await Parallel.ForAsync(0, Appends, async (i, _) => await Append($"e{i}"));
            await done.CancelAsync();
        });

        var all = new ConcurrentBag<(long Head, List<long> Seqs)>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var seqs = new List<long>();
                Following following = await Log.FollowAsync(Thread1, batch => seqs.AddRange(batch.Entries.Select(e => e.Seq)));
                all.Add((following.Head.Seq, seqs));
                if (all.Count > 2_000)
                {
                    return;
                }
            }
        })));
        await appending;

        Assert.All(all, f => Assert.Equal(Enumerable.Range(1, (int)(Appends - f.Head)).Select(i => f.Head + i), f.Seqs));
    }

    [Fact]
    public async Task A_stopped_follower_is_not_called_again_and_its_neighbours_are()
    {
        var stopped = new List<LogBatch>();
        var neighbour = new List<LogBatch>();
        var elsewhere = new List<LogBatch>();
        Following following = await Log.FollowAsync(Thread1, stopped.Add);
        using Following other = await Log.FollowAsync(Thread1, neighbour.Add);
        using Following third = await Log.FollowAsync(Thread1 with { Tenant = "other" }, elsewhere.Add);
        await Append("a");

        following.Dispose();
        following.Dispose();
        await Append("b");

        Assert.Single(stopped);
        Assert.Equal(2, neighbour.Count);
        Assert.Empty(elsewhere);
    }

    [Fact]
    public async Task The_same_delegate_may_follow_twice_and_stop_once()
    {
        int calls = 0;
        Action<LogBatch> follower = _ => calls++;
        Following first = await Log.FollowAsync(Thread1, follower);
        using Following second = await Log.FollowAsync(Thread1, follower);
        await Append("a");
        first.Dispose();
        await Append("b");

        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task What_a_follower_is_handed_can_be_read()
    {
        var missing = new ConcurrentQueue<long>();
        using Following following = await Log.FollowAsync(Thread1, batch =>
        {
            ValueTask<LogPage> read = Log.ReadAsync(Thread1, new StreamPosition(batch.Epoch, batch.Entries[0].Seq - 1), batch.Entries.Count);
            if (read.IsCompletedSuccessfully && !read.Result.Entries.Select(e => e.Seq).SequenceEqual(batch.Entries.Select(e => e.Seq)))
            {
                missing.Enqueue(batch.Entries[0].Seq);
            }
        });

        await Parallel.ForAsync(0, 200, async (i, _) => await Append($"a{i}", $"b{i}"));

        Assert.Empty(missing);
    }
}
