using HubService.Streams;

namespace HubService.Tests.Streams;

public abstract partial class EventLogSpec
{
    [Fact]
    public async Task A_retried_event_keeps_its_seq_and_appends_nothing()
    {
        await Append("a", "b");

        AppendResult retry = await Append("b", "c", "a");

        Assert.Equal([new(2, true), new(3, false), new(1, true)], retry.Events);
        Assert.Equal(3, retry.Head);
        Assert.Equal(["a", "b", "c"], (await ReadAll()).Select(e => e.EventId));
    }

    [Fact]
    public async Task An_id_twice_in_one_batch_is_one_event()
    {
        AppendResult result = await Append("a", "a", "b", "a");

        Assert.Equal([new(1, false), new(1, true), new(2, false), new(1, true)], result.Events);
        Assert.Equal(["a", "b"], (await ReadAll()).Select(e => e.EventId));
    }

    [Fact]
    public async Task A_batch_of_duplicates_alone_is_not_handed_to_followers()
    {
        await Append("a");
        int calls = 0;
        using Following following = await Log.FollowAsync(Thread1, _ => calls++);

        AppendResult retry = await Append("a");
        await Append("b");

        Assert.True(retry.Events[0].Duplicate);
        Assert.Equal(1, retry.Head);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Concurrent_retries_append_an_event_once()
    {
        AppendResult[] results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
            await Log.AppendAsync(Thread1, [Event($"e{i % 4}"), Event($"own-{i}")]))));

        List<LogEntry> kept = await ReadAll();
        Assert.Equal(44, kept.Count);
        for (int id = 0; id < 4; id++)
        {
            AppendResult[] same = [.. results.Where((_, i) => i % 4 == id)];
            Assert.Single(same.Select(r => r.Events[0].Seq).Distinct());
            Assert.Single(same, r => !r.Events[0].Duplicate);
        }
    }

    [Fact]
    public async Task After_the_window_an_id_is_fresh_again()
    {
        await Append("a");
        Clock.Advance(Options.IdempotencyWindow);
        Assert.True((await Append("a")).Events[0].Duplicate);

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        AppendResult fresh = await Append("a");

        Assert.Equal(new AppendedEvent(2, false), fresh.Events[0]);
        Assert.Equal(new AppendedEvent(2, true), (await Append("a")).Events[0]);
        Clock.Advance(Options.IdempotencyWindow + TimeSpan.FromMilliseconds(1));
        Assert.Equal([null], await Log.FindAsync(Thread1, ["a"]));
    }

    [Fact]
    public async Task An_id_that_is_not_idempotent_is_not_remembered()
    {
        await Log.AppendAsync(Thread1, [Event("a", idempotent: false), Event("a", idempotent: false)]);

        AppendResult again = await Append("a");

        Assert.Equal(new AppendedEvent(3, false), again.Events[0]);
        Assert.Equal([3L], await Log.FindAsync(Thread1, ["a"]));
    }

    [Fact]
    public async Task The_window_goes_by_when_an_event_was_appended_not_by_its_own_time()
    {
        await Log.AppendAsync(Thread1, [Event("old", age: TimeSpan.FromHours(1)), Event("future", age: -TimeSpan.FromHours(1))]);

        Assert.Equal([1L, 2L], await Log.FindAsync(Thread1, ["old", "future"]));
        Clock.Advance(Options.IdempotencyWindow + TimeSpan.FromMilliseconds(1));
        Assert.Equal([null, null], await Log.FindAsync(Thread1, ["old", "future"]));
    }

    [Fact]
    public async Task Find_answers_for_each_id_in_turn()
    {
        await Append("a", "b", "c");

        Assert.Equal([3L, null, 1L, 3L], await Log.FindAsync(Thread1, ["c", "x", "a", "c"]));
        Assert.Empty(await Log.FindAsync(Thread1, []));
        Assert.Equal([null], await Log.FindAsync(Thread1 with { Id = "nobody" }, ["a"]));
    }

    [Fact]
    public async Task A_duplicate_is_recognised_after_retention_hid_the_event()
    {
        Options.Thread.Events = 2;
        await Append("a", "b", "c");
        await Log.SaveSnapshotAsync(Thread1, new Snapshot(3, Unfinished: false, default));
        await Log.TrimOnceAsync();

        Assert.Equal(new AppendedEvent(1, true), (await Append("a")).Events[0]);
    }
}
