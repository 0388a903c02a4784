using HubService.Access;
using HubService.Cluster;
using HubService.Limits;
using HubService.Redis;
using HubService.Tests.Cluster;
using HubService.Tests.Redis;

namespace HubService.Tests.Limits;

/// <summary>A subject's connections are counted over all nodes.</summary>
public sealed class ManyNodesLimitTests : IAsyncLifetime
{
    private static readonly Principal Ada = new("default", "ada", Roles.User, [], [], null), Bob = Ada with { Subject = "bob" };

    private readonly TestCluster _net = new();
    private readonly ClusterKeys _keys = new("hub");
    private readonly List<IDisposable> _open = [];
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _open.ForEach(static o => o.Dispose());
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task One_connection_too_many_over_all_nodes_is_refused()
    {
        (ConnectionCounts a, _) = await NodeAsync("a");
        (ConnectionCounts b, _) = await NodeAsync("b");
        Assert.True(await a.TryAddAsync(Ada, "1", 3));
        Assert.True(await b.TryAddAsync(Ada, "2", 3));
        Assert.True(await a.TryAddAsync(Ada, "3", 3));
        Assert.True(await a.TryAddAsync(Ada, "3", 3));

        Assert.False(await a.TryAddAsync(Ada, "4", 3));
        Assert.False(await b.TryAddAsync(Ada, "4", 3));
        Assert.True(await b.TryAddAsync(Bob, "5", 3));

        // A refused one counts no more, nor does one that ended.
        a.Remove(Ada, "4");
        a.Remove(Ada, "1");
        Assert.True(await b.TryAddAsync(Ada, "6", 3));
        Assert.False(await b.TryAddAsync(Ada, "7", 3));
    }

    [Fact]
    public async Task A_node_that_is_gone_counts_no_more_and_leaves_nothing_behind()
    {
        (ConnectionCounts a, RedisCounts countsA) = await NodeAsync("a");
        TestNode dying = _net.Join("dying");
        (ConnectionCounts b, _) = await NodeAsync(dying);
        Assert.True(await a.TryAddAsync(Ada, "1", 2));
        Assert.True(await b.TryAddAsync(Ada, "2", 2));
        Assert.False(await a.TryAddAsync(Ada, "3", 2));
        dying.Kill();

        Assert.True(await a.TryAddAsync(Ada, "3", 2));
        Assert.Equal(1, await countsA.RefreshOnceAsync());
        Assert.Equal(0, await countsA.RefreshOnceAsync());
        Assert.Equal("a\n2", await _redis.CommandAsync("HGETALL", _keys.Shares("7:default:ada")));
    }

    [Fact]
    public async Task A_number_that_is_nobodys_any_more_is_gone()
    {
        (ConnectionCounts a, _) = await NodeAsync("a");
        Assert.True(await a.TryAddAsync(Ada, "1", 2));
        a.Remove(Ada, "1");

        await Client.Wait.Until(() => _redis.CommandAsync("EXISTS", _keys.Shares("7:default:ada")).GetAwaiter().GetResult() == "0");
    }

    [Fact]
    public async Task While_Redis_does_not_answer_each_node_counts_its_own_and_says_so_later()
    {
        (ConnectionCounts a, RedisCounts countsA) = await NodeAsync("a");
        (ConnectionCounts b, _) = await NodeAsync("b");
        Assert.True(await a.TryAddAsync(Ada, "1", 2));
        _redis.Stop();
        Assert.True(await a.TryAddAsync(Ada, "2", 2));
        Assert.False(await a.TryAddAsync(Ada, "3", 2));
        Assert.True(await b.TryAddAsync(Ada, "4", 2));
        _redis.Continue();
        await _redis.CommandAsync("FLUSHALL");
        await countsA.RefreshOnceAsync();

        Assert.False(await b.TryAddAsync(Ada, "5", 2));
    }

    private Task<(ConnectionCounts Counts, RedisCounts Shared)> NodeAsync(string name) => NodeAsync(_net.Join(name));

    private async Task<(ConnectionCounts Counts, RedisCounts Shared)> NodeAsync(ICluster node)
    {
        TestLink link = await TestLink.OpenAsync(_redis.Connection);
        var shared = new RedisCounts(link, _keys, node, TimeProvider.System);
        _open.AddRange([shared, link]);
        return (new ConnectionCounts(shared), shared);
    }
}
