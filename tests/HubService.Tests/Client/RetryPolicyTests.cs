using HubService.Client;

namespace HubService.Tests.Client;

public class RetryPolicyTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 1)]
    [InlineData(5, 16)]
    [InlineData(6, 20)]
    [InlineData(100_000, 20)]
    public void The_ceiling_doubles_up_to_the_maximum(int attempt, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new RetryPolicy().Ceiling(attempt));

    [Fact]
    public void Waits_are_spread_over_the_whole_span()
    {
        RetryPolicy policy = new(random: new Random(1));
        double[] waits = [.. Enumerable.Range(0, 1000).Select(_ => policy.Delay(10).TotalSeconds)];
        Assert.All(waits, w => Assert.InRange(w, 0, 20));
        Assert.Contains(waits, w => w < 1);
        Assert.Contains(waits, w => w > 19);
    }
}
