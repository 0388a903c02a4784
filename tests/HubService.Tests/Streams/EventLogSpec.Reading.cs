using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Streams;

public abstract partial class EventLogSpec
{
    [Fact]
    public async Task A_stream_nobody_wrote_to_is_empty()
    {
        LogPage page = await Log.ReadAsync(Thread1, StreamPosition.Start, 10);

        Assert.Equal((ReadVerdict.Ok, "", 0, 1, 0, 0), (page.Verdict, page.Epoch, page.Head, page.Lowest, page.LastValid, page.Entries.Count));
        Assert.Equal(new LogHead("", 0), await Log.HeadAsync(Thread1));
        Assert.Equal(ReadVerdict.Reset, (await Log.ReadAsync(Thread1, new StreamPosition("elsewhere", 3), 10)).Verdict);
    }

    [Fact]
    public async Task Read_returns_what_follows_a_position()
    {
        string epoch = await AppendMany(10);

        LogPage page = await Log.ReadAsync(Thread1, new StreamPosition(epoch, 3), 4);

        Assert.Equal((ReadVerdict.Ok, epoch, 10, 1), (page.Verdict, page.Epoch, page.Head, page.Lowest));
        Assert.Equal([4, 5, 6, 7], page.Entries.Select(e => e.Seq));
        Assert.Empty((await Log.ReadAsync(Thread1, new StreamPosition(epoch, 10), 4)).Entries);
        Assert.Equal([1, 2], (await Log.ReadAsync(Thread1, new StreamPosition(epoch, 0), 2)).Entries.Select(e => e.Seq));
        Assert.Equal(10, (await Log.ReadAsync(Thread1, StreamPosition.Start, int.MaxValue)).Entries.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1_000)]
    public async Task Pages_of_any_size_join_without_hole_or_overlap(int pageSize)
    {
        await AppendMany(300, perBatch: 7);

        List<LogEntry> all = await ReadAll(pageSize);

        Assert.Equal(Enumerable.Range(1, 300).Select(i => (i, $"e{i}")), all.Select(e => ((int)e.Seq, e.EventId)));
    }

    [Fact]
    public async Task A_page_holds_four_megabytes_but_at_least_one_event()
    {
        const int Big = 1_500_000;
        await Log.AppendAsync(Thread1, [Event("a", bytes: Big), Event("b", bytes: Big), Event("c", bytes: Big)]);
        string epoch = (await Log.AppendAsync(Thread1, [Event("d", bytes: 5_000_000), Event("e")])).Epoch;

        Assert.Equal(["a", "b"], await Ids(0));
        Assert.Equal(["c"], await Ids(2));
        Assert.Equal(["d"], await Ids(3));
        Assert.Equal(["e"], await Ids(4));

        async Task<IEnumerable<string>> Ids(long after) => (await Log.ReadAsync(Thread1, new StreamPosition(epoch, after), 100)).Entries.Select(e => e.EventId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public async Task A_limit_that_is_not_positive_gives_the_verdict_alone(int limit)
    {
        await Append("a");

        LogPage page = await Log.ReadAsync(Thread1, StreamPosition.Start, limit);

        Assert.Equal((ReadVerdict.Ok, 1, 0), (page.Verdict, page.Head, page.Entries.Count));
    }

    [Fact]
    public async Task A_position_of_another_epoch_or_beyond_the_head_is_a_reset()
    {
        string epoch = await AppendMany(5);

        foreach ((StreamPosition after, long lastValid) in new[]
        {
            (new StreamPosition("elsewhere", 3), 0),
            (new StreamPosition("elsewhere", 0), 0),
            (new StreamPosition("", 3), 0),
            (new StreamPosition(epoch, 6), 5),
            (new StreamPosition(epoch, long.MaxValue), 5),
        })
        {
            LogPage page = await Log.ReadAsync(Thread1, after, 10);
            Assert.Equal((ReadVerdict.Reset, epoch, 5, 1, lastValid, 0), (page.Verdict, page.Epoch, page.Head, page.Lowest, page.LastValid, page.Entries.Count));
        }
    }

    [Fact]
    public async Task Retention_by_count_holds_at_once()
    {
        Options.Thread.Events = 100;
        string epoch = await AppendMany(250);

        LogPage page = await Log.ReadAsync(Thread1, StreamPosition.Start, 10);

        Assert.Equal((ReadVerdict.HistoryLost, 250, 151), (page.Verdict, page.Head, page.Lowest));
        Assert.Equal(Enumerable.Range(151, 10).Select(i => (long)i), page.Entries.Select(e => e.Seq));
        Assert.Equal(ReadVerdict.HistoryLost, (await Log.ReadAsync(Thread1, new StreamPosition(epoch, 149), 10)).Verdict);
        Assert.Equal(ReadVerdict.Ok, (await Log.ReadAsync(Thread1, new StreamPosition(epoch, 150), 10)).Verdict);
    }

    [Fact]
    public async Task Retention_by_age_holds_at_once()
    {
        Options.Thread.Age = TimeSpan.FromHours(1);
        await AppendMany(100);
        Clock.Advance(TimeSpan.FromMinutes(40));
        string epoch = await AppendMany(70);
        Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(1, (await Log.ReadAsync(Thread1, StreamPosition.Start, 1)).Lowest);

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        LogPage page = await Log.ReadAsync(Thread1, StreamPosition.Start, 1);
        Assert.Equal((ReadVerdict.HistoryLost, 101, 101), (page.Verdict, page.Lowest, page.Entries[0].Seq));

        Clock.Advance(TimeSpan.FromHours(1));
        page = await Log.ReadAsync(Thread1, new StreamPosition(epoch, 120), 1);
        Assert.Equal((ReadVerdict.HistoryLost, 170, 171, 0), (page.Verdict, page.Head, page.Lowest, page.Entries.Count));
        Assert.Equal(ReadVerdict.Ok, (await Log.ReadAsync(Thread1, new StreamPosition(epoch, 170), 1)).Verdict);
        Assert.Equal(171, (await Append("after all had aged")).Head);
        Assert.Equal([171], (await ReadAll()).Select(e => e.Seq));
    }

    [Fact]
    public async Task An_old_event_behind_a_younger_one_stays()
    {
        Options.Thread.Age = TimeSpan.FromHours(1);
        await Log.AppendAsync(Thread1, [Event("old", age: TimeSpan.FromHours(2)), Event("young"), Event("late", age: TimeSpan.FromHours(2))]);

        Assert.Equal(["young", "late"], (await ReadAll()).Select(e => e.EventId));
    }

    [Fact]
    public async Task Each_kind_has_its_own_retention()
    {
        Options.Thread.Events = 1;
        Options.Project.Events = 2;
        Options.User.Events = 3;
        foreach ((string kind, int keeps) in new[] { (StreamKind.Thread, 1), (StreamKind.Project, 2), (StreamKind.User, 3) })
        {
            StreamKey key = new("acme", kind, "x");
            await Log.AppendAsync(key, [Event("a"), Event("b"), Event("c"), Event("d")]);
            Assert.Equal(keeps, (await Log.ReadAsync(key, StreamPosition.Start, 10)).Entries.Count);
        }
    }

    [Fact]
    public async Task A_trim_pass_removes_what_retention_hides_and_a_snapshot_covers()
    {
        Options.Thread.Events = 100;
        await AppendMany(300);
        Clock.Advance(Options.IdempotencyWindow + TimeSpan.FromMilliseconds(1));

        Assert.Equal(0, await Log.TrimOnceAsync());
        await Log.SaveSnapshotAsync(Thread1, new Snapshot(150, Unfinished: true, default));
        Assert.Equal(150, await Log.TrimOnceAsync());
        Assert.Equal(0, await Log.TrimOnceAsync());
        Assert.Equal(201, (await ReadAll())[0].Seq);

        await Log.SaveSnapshotAsync(Thread1, new Snapshot(300, Unfinished: false, default));
        Assert.Equal(50, await Log.TrimOnceAsync());
        Assert.Equal(Enumerable.Range(201, 100).Select(i => (long)i), (await ReadAll()).Select(e => e.Seq));
        Assert.Equal(301, (await Append("next")).Head);
    }

    [Fact]
    public async Task A_stream_trimmed_to_nothing_keeps_its_head_and_epoch()
    {
        Options.Thread.Age = TimeSpan.FromMinutes(10);
        string epoch = await AppendMany(70);
        await Log.SaveSnapshotAsync(Thread1, new Snapshot(70, Unfinished: false, default));
        Clock.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal(70, await Log.TrimOnceAsync());
        LogPage page = await Log.ReadAsync(Thread1, StreamPosition.Start, 10);

        Assert.Equal((ReadVerdict.HistoryLost, epoch, 70, 71), (page.Verdict, page.Epoch, page.Head, page.Lowest));
        Assert.Equal(new LogHead(epoch, 70), await Log.HeadAsync(Thread1));
        AppendResult next = await Append("next");
        Assert.Equal((epoch, 71L), (next.Epoch, next.Events[0].Seq));
        Assert.Equal([71], (await ReadAll()).Select(e => e.Seq));
    }

    [Fact]
    public async Task Reads_while_others_append_and_trim_are_dense()
    {
        Options.Thread.Events = 200;
        await AppendMany(10);
        Task appending = Task.Run(async () =>
        {
            for (int i = 0; i < 300; i++)
            {
                AppendResult result = await Log.AppendAsync(Thread1, [.. Enumerable.Range(0, 10).Select(n => Event($"r{i}-{n}", idempotent: false))]);
                await Log.SaveSnapshotAsync(Thread1, new Snapshot(result.Head, Unfinished: false, default));
                Clock.Advance(TimeSpan.FromSeconds(10));
                if (i % 10 == 0)
                {
                    await Log.TrimOnceAsync();
                }
            }
        });

        do
        {
            LogPage page = await Log.ReadAsync(Thread1, StreamPosition.Start, 1_000);
            Assert.Equal(Enumerable.Range(0, page.Entries.Count).Select(i => page.Lowest + i), page.Entries.Select(e => e.Seq));
            Assert.Equal(page.Head - page.Lowest + 1, page.Entries.Count);
        }
        while (!appending.IsCompleted);

        await appending;
    }
}
