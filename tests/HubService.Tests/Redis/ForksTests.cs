using HubService.Contracts;
using HubService.Redis;
using HubService.Streams;

namespace HubService.Tests.Redis;

public sealed class ForksTests
{
    private static readonly LogHead Head = new("n-c", 160);

    /// <summary>Three lines of history: a ended at 100, b at 140, c goes on.</summary>
    private const string Two = "n-b:140 n-a:100";

    [Theory]
    [InlineData("n-c:160", "Ok", 0)]
    [InlineData("n-c:161", "Reset", 160)]
    [InlineData("n-b:140", "Ok", 0)]
    [InlineData("n-b:150", "Reset", 140)]
    [InlineData("n-a:100", "Ok", 0)]
    [InlineData("n-a:150", "Reset", 100)]
    [InlineData("x-a:5", "Reset", 0)]
    [InlineData(":0", "Ok", 0)]
    [InlineData(":5", "Reset", 0)]
    public void A_position_holds_up_to_the_lowest_fork_since_its_epoch(string position, string verdict, long lastValid) =>
        Check(position, Two, verdict, lastValid);

    [Theory]
    [InlineData("n-b:140", "Reset", 90)]
    [InlineData("n-b:90", "Ok", 0)]
    [InlineData("n-a:95", "Reset", 90)]
    public void A_later_fork_below_an_earlier_one_counts_for_both(string position, string verdict, long lastValid) =>
        Check(position, "n-b:90 n-a:100", verdict, lastValid);

    [Fact]
    public void What_retention_took_is_lost_history_in_an_old_epoch_too()
    {
        Assert.True(StreamPosition.TryParse("n-a:50", out StreamPosition at));
        Assert.Equal(ReadVerdict.HistoryLost, Forks.Judge(at, Head, Two, lowest: 60, out _));
    }

    private static void Check(string position, string forks, string verdict, long lastValid)
    {
        Assert.True(StreamPosition.TryParse(position, out StreamPosition at));
        Assert.Equal(verdict, Forks.Judge(at, Head, forks, lowest: 1, out long last).ToString());
        Assert.Equal(lastValid, last);
    }
}
