using HubService.Cluster;
using HubService.Delivery;
using HubService.Projects;
using HubService.Redis;
using HubService.Tests.Client;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Tests.Redis;

/// <summary>Two hosts that know of each other over a real Redis.</summary>
public sealed class RedisClusterHostTests : IAsyncLifetime
{
    private readonly List<TestLink> _links = [];
    private RedisServer _redis = null!;
    private HubHost _a = null!, _b = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        (_a, _b) = (await StartAsync("a"), await StartAsync("b"));
        await Wait.Until(() => ClusterOf(_a).Nodes.Count == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        _links.ForEach(static l => l.Dispose());
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Sends_presence_and_limits_reach_over_both()
    {
        await using RawHubClient ada = await RawHubClient.ConnectAsync(_b, await _b.TokenAsync("ada"), "project");
        Assert.Null((await ada.CallAsync("Subscribe", "shared")).Code());
        string handle = new ConnectionHandle(ClusterOf(_b).Self, _b.Services.GetRequiredService<Outboxes>().All.Single().Connection.ConnectionId).ToString();

        await _a.Services.GetRequiredService<IHubContext<ProjectHub>>().Clients.Client(handle).SendAsync("Word", 1);
        await ada.UntilAsync(m => m.Text("target") == "Word");
        using HttpClient eve = await _a.UserHttpAsync("eve");
        Assert.Equal("""[{"user_id":"ada","connections":1}]""", (await eve.GetAsync("/api/v1/projects/shared/presence").ReadAsync()).Text("users"));

        await using RawHubClient second = await RawHubClient.ConnectAsync(_a, await _a.TokenAsync("ada"));
        Assert.Null((await second.CallAsync("Ping", 1)).Code());
        await using RawHubClient third = await RawHubClient.ConnectAsync(_a, await _a.TokenAsync("ada"));
        Assert.Contains("connection_limit", (await third.UntilAsync(m => m.Text("type") == "7")).Text("error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_drains_has_left_before_it_stops()
    {
        Task drained = _b.Services.GetRequiredService<Drain>().RunAsync();
        await Wait.Until(() => ClusterOf(_a).Nodes.SequenceEqual([ClusterOf(_a).Self]));
        await drained;

        // It still answers, until it stops.
        Assert.Single(await ClusterOf(_a).AskOthersAsync("delivery.presence", "x"u8.ToArray(), TimeSpan.FromSeconds(20)));
    }

    private static ICluster ClusterOf(HubHost host) => host.Services.GetRequiredService<ICluster>();

    private async Task<HubHost> StartAsync(string name)
    {
        TestLink link = await TestLink.OpenAsync(_redis.Connection);
        _links.Add(link);
        return await HubHost.StartAsync(
            builder => builder.Services.AddSingleton<IRedisLink>(link).AddRedisCluster(),
            ("Cluster:Name", name), ("Limits:ConnectionsPerUser", "2"));
    }
}
