using System.Globalization;
using HubService.Contracts;
using HubService.Redis;
using HubService.Streams;

namespace HubService.Tests.Redis;

/// <summary>Who follows a stream reads it out of memory, or together with others.</summary>
public sealed class RecentReadsTests(SharedRedis redis) : IClassFixture<SharedRedis>
{
    private static readonly StreamKey Stream = new("acme", StreamKind.Project, "p");

    [Fact]
    public async Task A_crowd_that_comes_back_to_a_node_reads_the_log_a_few_times_at_most()
    {
        string prefix = Ids.New();
        await using RedisRig writer = await RedisRig.StartAsync(redis.Server.Connection, prefix);
        await using RedisRig node = await RedisRig.StartAsync(redis.Server.Connection, prefix);
        await Append(writer, 1, 300);
        string epoch = (await node.Log.HeadAsync(Stream)).Epoch;
        using Following following = await node.Log.FollowAsync(Stream, _ => { });
        long before = await CallsAsync();

        LogPage[] pages = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => node.Log.ReadRecentAsync(Stream, new StreamPosition(epoch, 100), 50).AsTask()));
        LogPage later = await node.Log.ReadRecentAsync(Stream, new StreamPosition(epoch, 250), 1_000);

        Assert.InRange(await CallsAsync() - before, 1, 5);
        Assert.All(pages, p => Assert.Equal((ReadVerdict.Ok, 300, 101, 150), (p.Verdict, p.Head, p.Entries[0].Seq, p.Entries[^1].Seq)));
        Assert.Equal(Enumerable.Range(251, 50).Select(i => (long)i), later.Entries.Select(e => e.Seq));
    }

    [Fact]
    public async Task The_beginning_is_found_in_memory_as_well()
    {
        await using RedisRig node = await RedisRig.StartAsync(redis.Server.Connection, Ids.New());
        using Following following = await node.Log.FollowAsync(Stream, _ => { });
        await Append(node, 1, 3);
        long before = await CallsAsync();

        LogPage page = await node.Log.ReadRecentAsync(Stream, StreamPosition.Start, 10);

        Assert.Equal([1L, 2L, 3L], page.Entries.Select(e => e.Seq));
        Assert.Equal(before, await CallsAsync());
    }

    [Fact]
    public async Task A_page_far_behind_the_head_is_no_longer_than_asked_for_and_is_not_kept()
    {
        await using RedisRig node = await RedisRig.StartAsync(redis.Server.Connection, Ids.New());
        await Append(node, 1, 700);
        string epoch = (await node.Log.HeadAsync(Stream)).Epoch;
        using Following following = await node.Log.FollowAsync(Stream, _ => { });

        LogPage page = await node.Log.ReadRecentAsync(Stream, new StreamPosition(epoch, 10), 20);
        long before = await CallsAsync();
        LogPage again = await node.Log.ReadRecentAsync(Stream, new StreamPosition(epoch, 10), 20);

        Assert.Equal((11, 30), (page.Entries[0].Seq, page.Entries[^1].Seq));
        Assert.Equal((11, 30), (again.Entries[0].Seq, again.Entries[^1].Seq));
        Assert.Equal(before + 1, await CallsAsync());
    }

    // Other epochs, and positions that are not there yet, are for the log to judge.
    [Fact]
    public async Task What_memory_cannot_judge_the_log_does()
    {
        await using RedisRig node = await RedisRig.StartAsync(redis.Server.Connection, Ids.New());
        await Append(node, 1, 5);
        string epoch = (await node.Log.HeadAsync(Stream)).Epoch;
        using Following following = await node.Log.FollowAsync(Stream, _ => { });

        Assert.Equal(ReadVerdict.Reset, (await node.Log.ReadRecentAsync(Stream, new StreamPosition("other", 3), 10)).Verdict);
        Assert.Equal(ReadVerdict.Reset, (await node.Log.ReadRecentAsync(Stream, new StreamPosition(epoch, 9), 10)).Verdict);
    }

    [Theory]
    [InlineData("", "3-5", 5, "3-5")]
    [InlineData("", "3-4", 5, "")]
    [InlineData("5-8", "2-4", 8, "2-8")]
    [InlineData("5-8", "2-6", 8, "2-8")]
    [InlineData("5-8", "5-8", 8, "5-8")]
    [InlineData("5-8", "1-3", 8, "5-8")]
    [InlineData("", "3-9", 5, "3-5")]
    public void A_page_is_kept_as_far_as_it_joins(string kept, string page, long newest, string expected)
    {
        var entries = new RecentEntries();
        entries.Add([.. Range(kept)]);
        entries.AddBefore([.. Range(page)], newest);

        Assert.Equal(Range(expected).Select(e => e.Seq), entries.After(0, 100).Select(e => e.Seq));
    }

    // Small ones, ones larger than a buffer, and pages from before: what is read is what was added, and stays so.
    [Fact]
    public void The_newest_are_kept_and_read_as_they_were_added()
    {
        var random = new Random(7);
        var entries = new RecentEntries();
        List<LogEntry> added = [];
        List<(List<LogEntry> Page, int After, int Count)> pages = [];
        int begun = 0;
        for (int round = 0; round < 400; round++)
        {
            LogEntry[] batch = [.. Enumerable.Range(added.Count + 1, random.Next(1, 8)).Select(seq => Entry(seq, random))];
            added.AddRange(batch);
            entries.Add(batch);

            long weight = added.TakeLast(RecentEntries.MaxEntries).Sum(e => (long)e.Body.Length);
            int kept = weight < 150 * 1024 ? RecentEntries.MaxEntries : 1;
            Assert.True(entries.Reaches(Math.Max(begun, added.Count - kept), added.Count));
            Assert.InRange(entries.Bytes, 1, 400 * 1024);
            int after = Math.Max(begun, added.Count - random.Next(1, kept == 1 ? 2 : 20));
            pages.Add((entries.After(after, 5), after, Math.Min(5, added.Count - after)));
            if (random.Next(60) == 0)
            {
                begun = Math.Max(0, added.Count - 30);
                entries.Clear();
                entries.AddBefore([.. added.Skip(begun)], added.Count);
            }
        }

        Assert.All(pages, p => Assert.Equal(Texts(added.Skip(p.After).Take(p.Count)), Texts(p.Page)));
    }

    [Fact]
    public void No_more_are_kept_than_is_allowed()
    {
        var entries = new RecentEntries();
        entries.Add([.. Range($"1-{4 * RecentEntries.MaxEntries}")]);
        Assert.True(entries.Reaches(3 * RecentEntries.MaxEntries, 4 * RecentEntries.MaxEntries));
        Assert.False(entries.Reaches(RecentEntries.MaxEntries, 4 * RecentEntries.MaxEntries));

        entries.Add([.. Enumerable.Range(1, 100).Select(i => new LogEntry((4 * RecentEntries.MaxEntries) + i, "e", "STEP", 0, new byte[10_000]))]);
        Assert.InRange(entries.Bytes, 200 * 1024, 272 * 1024);
        Assert.InRange(entries.After(0, 1_000).Count, 20, 27);
    }

    private async Task<long> CallsAsync()
    {
        string stats = await redis.Server.CommandAsync("INFO", "commandstats");
        int at = stats.IndexOf("cmdstat_evalsha:calls=", StringComparison.Ordinal);
        return at < 0 ? 0 : long.Parse(string.Concat(stats[(at + 22)..].TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture);
    }

    private static async Task Append(RedisRig rig, int from, int count) =>
        await rig.Log.AppendAsync(Stream, [.. Enumerable.Range(from, count).Select(i => new NewLogEvent($"e{i}", true, "STEP", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), new byte[20]))]);

    private static IEnumerable<string> Texts(IEnumerable<LogEntry> entries) => entries.Select(e => $"{e.Seq} {e.EventId} {e.Type} {e.Ts} {Convert.ToHexString(e.Body.Span)}");

    private static LogEntry Entry(long seq, Random random)
    {
        byte[] body = new byte[random.Next(200) == 0 ? random.Next(100_000) : random.Next(300)];
        random.NextBytes(body);
        return new LogEntry(seq, $"é{seq}", seq % 2 == 0 ? "STEP" : "LOG_LINE", random.Next(), body);
    }

    private static IEnumerable<LogEntry> Range(string text)
    {
        long[] ends = [.. text.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
        for (long seq = ends.Length == 0 ? 1 : ends[0]; seq <= (ends.Length == 0 ? 0 : ends[1]); seq++)
        {
            yield return new LogEntry(seq, $"e{seq}", "STEP", 0, new byte[1]);
        }
    }
}
