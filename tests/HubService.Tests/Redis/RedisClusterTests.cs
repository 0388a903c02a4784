using System.Collections.Concurrent;
using HubService.Cluster;
using HubService.Redis;
using HubService.Tests.Client;
using HubService.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Redis;

public sealed class RedisClusterTests(RedisClusterTests.Server server) : ClusterSpec, IClassFixture<RedisClusterTests.Server>, IAsyncLifetime
{
    private static int _prefixes;

    private readonly ClusterKeys _keys = new($"test{Interlocked.Increment(ref _prefixes)}");
    private readonly ConcurrentDictionary<ICluster, TestLink> _links = new();

    /// <summary>One server for all tests of the class, each of which has keys of its own.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal RedisServer Redis { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Redis = await RedisServer.StartAsync();

        public ValueTask DisposeAsync() => Redis.DisposeAsync();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach ((ICluster node, TestLink link) in _links)
        {
            await ((RedisCluster)node).StopAsync(default);
            ((RedisCluster)node).Dispose();
            link.Dispose();
        }
    }

    private protected override async Task<ICluster> JoinAsync(string name, Action<ICluster>? prepare = null) => await JoinAsync(server.Redis, name, prepare);

    private protected override async Task KillAsync(ICluster node)
    {
        // Without a connection it can say nothing more.
        _links[node].Dispose();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_node_that_nobody_listens_to_is_gone_at_once_and_back_when_it_is_heard_again()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b");
        await SeeAsync(a, b);
        await _links[b].Subscriber.UnsubscribeAllAsync();

        NodeException e = await Assert.ThrowsAsync<NodeException>(() => a.AskAsync(b.Self, "echo", default, Patience));

        Assert.False(e.MaybeDone);
        Assert.Equal([a.Self], a.Nodes);

        // Its next beat finds that it is not heard and mends that.
        await SeeAsync(a, b);
        await Wait.Until(() => AskedIsHandled(a, b));
    }

    [Fact]
    public async Task Words_go_on_over_another_connection_and_none_is_heard_twice()
    {
        var heard = new ConcurrentQueue<int>();
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b", n => n.Handle("count", m =>
        {
            heard.Enqueue(BitConverter.ToInt32(m.Span));
            return Task.FromResult(m);
        }));
        await SeeAsync(a, b);
        using IDisposable old = await _links[b].ReplaceAsync();
        await ((RedisCluster)b).BeatOnceAsync();
        for (int i = 0; i < 100; i++)
        {
            a.Tell(b.Self, "count", BitConverter.GetBytes(i));
        }

        await a.AskAsync(b.Self, "count", BitConverter.GetBytes(100), Patience);
        Assert.Equal(Enumerable.Range(0, 101), heard);
    }

    [Fact]
    public async Task While_Redis_is_silent_nobody_is_gone_nor_right_after()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        ICluster a = await JoinAsync(redis, "a"), b = await JoinAsync(redis, "b");
        await SeeAsync(a, b);
        a.Share("fact", Bytes("1"));
        await Wait.Until(() => Fact(b, "fact", a) == "1");
        var changes = new ConcurrentQueue<NodesChanged>();
        a.OnChanged(changes.Enqueue);
        b.OnChanged(changes.Enqueue);

        // It comes back with nothing, on the same port.
        await redis.KillAsync();
        Assert.False(await ((RedisCluster)a).BeatOnceAsync());
        await redis.StartAsync();
        await Wait.Until(() => ((RedisCluster)a).BeatOnceAsync().GetAwaiter().GetResult());
        ICluster c = await JoinAsync(redis, "c");
        await Wait.Until(() => ((RedisCluster)b).BeatOnceAsync().GetAwaiter().GetResult());
        await SeeAsync(a, b, c);

        await Wait.Until(() => Fact(c, "fact", a) == "1");
        Assert.All(changes, change => Assert.Empty(change.Gone));
    }

    [Fact]
    public async Task A_node_that_stops_is_gone_at_once_with_what_it_shared()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b");
        await SeeAsync(a, b);
        b.Share("fact", Bytes("1"));
        await Wait.Until(() => Fact(a, "fact", b) == "1");
        await ((RedisCluster)b).StopAsync(default);

        await Wait.Until(() => a.Nodes.Count == 1 && a.SharedByOthers("fact").Count == 0);
        Assert.Equal(a.Self, await server.Redis.CommandAsync("HKEYS", _keys.Nodes));
        Assert.Equal("0", await server.Redis.CommandAsync("EXISTS", _keys.Facts(b.Self)));
    }

    [Fact]
    public async Task What_a_killed_node_left_in_Redis_is_taken_out()
    {
        ICluster a = await JoinAsync("a"), b = await JoinAsync("b");
        await SeeAsync(a, b);
        b.Share("fact", Bytes("1"));
        await Wait.Until(() => Fact(a, "fact", b) == "1");
        await KillAsync(b);

        await Wait.Until(() => a.Nodes.Count == 1);
        Assert.Equal(a.Self, await server.Redis.CommandAsync("HKEYS", _keys.Nodes));
        await Wait.Until(() => server.Redis.CommandAsync("EXISTS", _keys.Facts(b.Self)).GetAwaiter().GetResult() == "0");
    }

    private static bool AskedIsHandled(ICluster a, ICluster b)
    {
        // Nobody answers this there, which is an answer.
        NodeException e = Assert.ThrowsAsync<NodeException>(() => a.AskAsync(b.Self, "echo", default, Patience)).GetAwaiter().GetResult();
        return e.MaybeDone;
    }

    private async Task<ICluster> JoinAsync(RedisServer redis, string name, Action<ICluster>? prepare = null)
    {
        TestLink link = await TestLink.OpenAsync(redis.Connection);
        var node = new RedisCluster(link, _keys, new NodeName(name), Options.Create(new ClusterOptions { NodeTimeout = TimeSpan.FromSeconds(1) }), TimeProvider.System, NullLogger<RedisCluster>.Instance);
        _links[node] = link;
        prepare?.Invoke(node);
        await node.StartAsync(default);
        return node;
    }
}
