using HubService.Cluster;

namespace HubService.Tests.Cluster;

public class GoneConnectionsTests
{
    // What went was forgotten only when something else went later: after thousands of connections had come and gone, a quiet node
    // kept the last of them for good.
    [Fact]
    public void What_has_gone_is_known_for_a_while_and_then_forgotten_by_itself()
    {
        ManualTimeProvider time = new();
        var gone = new GoneConnections(new Handles(new TestCluster().Join("a"), new SharedLog()), time);
        gone.Note("first");
        time.Advance(TimeSpan.FromSeconds(6));
        gone.Note("second");
        Assert.Equal(0, gone.ForgetOnce());
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, gone.ForgetOnce());
        Assert.True(gone.Contains("second"));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, gone.ForgetOnce());
        Assert.Equal(0, gone.ForgetOnce());
    }
}
