using HubService.Cluster;

namespace HubService.Tests.Cluster;

public sealed class TestClusterTests : ClusterSpec
{
    private readonly TestCluster _net = new();

    private protected override Task<ICluster> JoinAsync(string name, Action<ICluster>? prepare = null) => Task.FromResult<ICluster>(_net.Join(name, prepare));

    private protected override Task KillAsync(ICluster node)
    {
        ((TestNode)node).Kill();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_word_can_be_lost_and_so_can_an_answer()
    {
        int done = 0;
        TestNode a = _net.Join("a"), b = _net.Join("b", n => n.Handle("do", m =>
        {
            done++;
            return Task.FromResult(m);
        }));
        _net.Loses = static (_, _, _) => true;
        Assert.True((await Assert.ThrowsAsync<NodeException>(() => a.AskAsync("b", "do", default, Patience))).MaybeDone);
        a.Tell("b", "do", default);
        await _net.SettleAsync();
        Assert.Equal(0, done);
        _net.Loses = null;
        _net.LosesAnswer = static (_, to, _) => to == "b";

        Assert.True((await Assert.ThrowsAsync<NodeException>(() => a.AskAsync("b", "do", default, Patience))).MaybeDone);
        Assert.Equal(1, done);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_keeps_what_it_last_saw()
    {
        TestNode a = _net.Join("a"), b = _net.Join("b");
        b.Share("fact", Bytes("1"));
        b.CutOff();

        Assert.Equal(["a"], a.Nodes);
        Assert.Equal(["a", "b"], b.Nodes);
        Assert.Empty(a.SharedByOthers("fact"));
        Assert.False((await Assert.ThrowsAsync<NodeException>(() => a.AskAsync("b", "any", default, Patience))).MaybeDone);
        b.Mend();
        Assert.Equal(["a", "b"], a.Nodes);
        Assert.Equal("1", Fact(a, "fact", b));
    }
}
