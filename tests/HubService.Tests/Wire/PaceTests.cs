using HubService.Wire;

namespace HubService.Tests.Wire;

public class PaceTests
{
    private const int Quiet = 1_000;
    private const int Busy = 500;

    [Fact]
    public void It_begins_quiet_and_follows_what_comes()
    {
        var pace = new Pace(Quiet);
        Assert.Equal(Quiet, pace.Count(0));
        Assert.All(After(ref pace, 0, [.. Enumerable.Repeat(300, 100)])[^20..], a => Assert.InRange(a, 300, 316));
        Assert.All(After(ref pace, 30_000, [.. Enumerable.Repeat(1_000, 100)])[^20..], a => Assert.InRange(a, 984, 1_000));
    }

    [Fact]
    public void One_gap_in_what_comes_closely_changes_little()
    {
        var pace = new Pace(Quiet);
        After(ref pace, 0, [.. Enumerable.Repeat(300, 100)]);
        Assert.All(After(ref pace, 30_000, [1_000, 300, 300, 300, 0, 600, 300, 300]), a => Assert.InRange(a, 250, Busy - 1));
    }

    [Fact]
    public void Some_that_were_late_and_come_together_do_not_make_it_busy()
    {
        var pace = new Pace(Quiet);
        After(ref pace, 0, [.. Enumerable.Repeat(1_000, 100)]);
        Assert.All(After(ref pace, 100_000, [10_000, .. Enumerable.Repeat(0, 9), 1_000, 1_000]), a => Assert.InRange(a, Busy + 1, Quiet));
    }

    [Theory]
    [InlineData(0, 16 * Quiet)]
    [InlineData(0, Quiet * 1_000_000L)]
    [InlineData(100 * Quiet, 16 * Quiet)]
    [InlineData(300, 16 * Quiet)]
    public void A_pause_makes_it_quiet_whatever_was_before_but_not_for_what_keeps_coming_closely(long before, long pause)
    {
        var pace = new Pace(Quiet);
        After(ref pace, 0, [.. Enumerable.Repeat(before, 200)]);
        long[] after = After(ref pace, 200 * before, [pause, .. Enumerable.Repeat(0L, 12)]);
        Assert.Equal(Quiet, after[0]);
        Assert.Equal(11, after.Count(a => a > Busy));
    }

    [Fact]
    public void Bursts_with_pauses_between_them_are_busy_before_they_end()
    {
        var pace = new Pace(Quiet);
        int[] burst = [6_000, .. Enumerable.Repeat(0, 15)];
        long[] all = After(ref pace, 0, [.. Enumerable.Repeat(burst, 20).SelectMany(b => b)]);
        Assert.InRange(all[^16..].Count(a => a >= Busy), 1, 5);
    }

    /// <summary>The averages with each of these intervals after a time that was counted already.</summary>
    private static long[] After(ref Pace pace, long at, params long[] intervals)
    {
        long[] averages = new long[intervals.Length];
        for (int i = 0; i < intervals.Length; i++)
        {
            averages[i] = pace.Count(at += intervals[i]);
        }

        return averages;
    }
}
