using System.Net;
using HubService.Agents;
using HubService.Cluster;
using HubService.Delivery;
using HubService.Projects;
using HubService.Tests.Client;
using HubService.Tests.Cluster;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Tests.Delivery;

/// <summary>Two hosts that are two nodes of one service, each with connections of its own.</summary>
public sealed class ManyNodesTests : IAsyncLifetime
{
    private readonly TestCluster _net = new();
    private readonly List<RawHubClient> _clients = [];
    private TestNode _nodeA = null!, _nodeB = null!;
    private HubHost _a = null!, _b = null!;

    public async ValueTask InitializeAsync()
    {
        (_nodeA, _nodeB) = (_net.Join("a"), _net.Join("b"));
        _a = await HubHost.StartAsync(b => b.Services.AddSingleton<ICluster>(_nodeA));
        _b = await HubHost.StartAsync(b => b.Services.AddSingleton<ICluster>(_nodeB));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RawHubClient client in _clients)
        {
            await client.DisposeAsync();
        }

        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Fact]
    public async Task A_send_to_a_handle_reaches_that_connection_on_its_node()
    {
        (RawHubClient ada, string handle) = await ConnectAsync(_b, "ada");
        (RawHubClient other, _) = await ConnectAsync(_b, "ada");
        (RawHubClient near, string nearHandle) = await ConnectAsync(_a, "ada");

        await HubOf(_a).Clients.Client(handle).SendAsync("Word", 1);
        await HubOf(_a).Clients.Client(nearHandle).SendAsync("Word", 2);
        await HubOf(_a).Clients.Client(nearHandle.Split('|')[1]).SendAsync("Word", 3);
        await HubOf(_a).Clients.Clients(handle, nearHandle).SendAsync("Word", 4);

        await HeardAsync(ada, 1, 4);
        await HeardAsync(near, 2, 3, 4);
        await HeardAsync(other);
    }

    [Fact]
    public async Task Sends_to_one_connection_arrive_in_their_order()
    {
        (RawHubClient ada, string handle) = await ConnectAsync(_b, "ada");
        for (int i = 0; i < 100; i++)
        {
            await HubOf(_a).Clients.Client(handle).SendAsync("Word", i);
        }

        await HeardAsync(ada, [.. Enumerable.Range(0, 100)]);
    }

    [Fact]
    public async Task A_send_to_a_connection_that_is_not_there_any_more_is_lost_with_it()
    {
        (RawHubClient ada, string handle) = await ConnectAsync(_b, "ada");

        await HubOf(_a).Clients.Client("b|gone").SendAsync("Word", 1);
        await HubOf(_a).Clients.Client("nobody|gone").SendAsync("Word", 2);
        await HubOf(_a).Clients.Client(handle).SendAsync("Word", 3);

        await HeardAsync(ada, 3);
    }

    [Fact]
    public async Task Sends_to_all_to_users_and_to_groups_reach_the_connections_of_every_node()
    {
        (RawHubClient ada, string adaHandle) = await ConnectAsync(_a, "ada");
        (RawHubClient far, string farHandle) = await ConnectAsync(_b, "ada");
        (RawHubClient bob, string bobHandle) = await ConnectAsync(_b, "bob");
        await HubOf(_b).Groups.AddToGroupAsync(bobHandle.Split('|')[1], "readers");
        await HubOf(_a).Groups.AddToGroupAsync(adaHandle.Split('|')[1], "readers");
        await HubOf(_b).Groups.AddToGroupAsync(farHandle.Split('|')[1], "writers");
        IHubClients clients = HubOf(_a).Clients;

        await clients.All.SendAsync("Word", 1);
        await clients.AllExcept(bobHandle).SendAsync("Word", 2);
        await clients.AllExcept(adaHandle.Split('|')[1]).SendAsync("Word", 3);
        await clients.User("7:default:ada").SendAsync("Word", 4);
        await clients.Users("7:default:ada", "7:default:bob").SendAsync("Word", 5);
        await clients.Group("readers").SendAsync("Word", 6);
        await clients.Groups("readers", "writers").SendAsync("Word", 7);
        await clients.GroupExcept("readers", bobHandle).SendAsync("Word", 8);

        await HeardAsync(ada, 1, 2, 4, 5, 6, 7, 8);
        await HeardAsync(far, 1, 2, 3, 4, 5, 7);
        await HeardAsync(bob, 1, 3, 5, 6, 7);
    }

    [Fact]
    public async Task A_send_stays_on_its_hub()
    {
        (RawHubClient ada, _) = await ConnectAsync(_b, "ada");
        RawHubClient project = await RawHubClient.ConnectAsync(_b, await _b.TokenAsync("ada"), "project");
        _clients.Add(project);
        await project.CallAsync("Ping", 1);

        await HubOf(_a).Clients.All.SendAsync("Word", 1);
        await _a.Services.GetRequiredService<IHubContext<ProjectHub>>().Clients.All.SendAsync("Word", 2);

        await HeardAsync(ada, 1);
        await HeardAsync(project, 2);
    }

    [Fact]
    public async Task Who_follows_is_counted_over_all_nodes_and_a_dead_one_leaves_nobody_behind()
    {
        foreach ((HubHost host, string user) in new[] { (_a, "ada"), (_b, "ada"), (_b, "bob") })
        {
            RawHubClient client = await RawHubClient.ConnectAsync(host, await host.TokenAsync(user), "project");
            _clients.Add(client);
            Assert.Null((await client.CallAsync("Subscribe", "shared")).Code());
        }

        using HttpClient http = await _a.UserHttpAsync("eve");
        HttpResponseMessage tail = await http.GetAsync("/api/v1/projects/shared/stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("""[{"user_id":"ada","connections":2},{"user_id":"bob","connections":1},{"user_id":"eve","connections":1}]""", await PresentAsync());
        _nodeB.Kill();

        Assert.Equal("""[{"user_id":"ada","connections":1},{"user_id":"eve","connections":1}]""", await PresentAsync());
        await _clients[0].CallAsync("Unsubscribe", "shared");
        tail.Dispose();
        await Wait.Until(() => PresentAsync().GetAwaiter().GetResult() == "[]");

        async Task<string?> PresentAsync() => (await http.GetAsync("/api/v1/projects/shared/presence").ReadAsync()).Text("users");
    }

    [Fact]
    public async Task Who_follows_a_thread_is_told_to_its_readers_only()
    {
        using HttpClient ada = await _a.UserHttpAsync("ada"), eve = await _a.UserHttpAsync("eve"), elsewhere = await _a.UserHttpAsync("ada", tenant: "elsewhere");
        string thread = (await ada.PostAsync("/api/v1/threads", "{}")).Text("thread", "thread_id")!;

        Assert.Equal("[]", (await ada.GetAsync($"/api/v1/threads/{thread}/presence").ReadAsync()).Text("users"));
        using HttpResponseMessage foreign = await eve.GetAsync($"/api/v1/threads/{thread}/presence");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal("not_found", (await elsewhere.GetAsync($"/api/v1/threads/{thread}/presence").ReadAsync()).Code());
        Assert.Equal("invalid_recipient", (await ada.GetAsync("/api/v1/threads/run_1/presence").ReadAsync()).Code());
    }

    [Fact]
    public async Task A_node_that_drains_takes_no_work_from_its_first_moment_on()
    {
        TestNode node = _net.Join("c");
        await _net.SettleAsync();
        var gone = new TaskCompletionSource<NodesChanged>();
        _nodeB.OnChanged(change => gone.TrySetResult(change));
        await using HubHost draining = await HubHost.StartAsync(b => b.Services.AddSingleton<ICluster>(node), ("Delivery:DrainTime", "00:10:00"));
        (RawHubClient ada, _) = await ConnectAsync(draining, "ada");
        Task drained = draining.Services.GetRequiredService<Drain>().RunAsync();

        Assert.Equal(["c"], (await gone.Task.WaitAsync(TimeSpan.FromSeconds(20))).Gone);
        await ada.UntilAsync(m => m.Text("target") == "ServerDraining");
        Assert.False(drained.IsCompleted);
        await ada.DisposeAsync();
        await drained.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static IHubContext<AgentHub> HubOf(HubHost host) => host.Services.GetRequiredService<IHubContext<AgentHub>>();

    private async Task<(RawHubClient Client, string Handle)> ConnectAsync(HubHost host, string user)
    {
        Outboxes outboxes = host.Services.GetRequiredService<Outboxes>();
        HashSet<string> before = [.. outboxes.All.Select(o => o.Connection.ConnectionId)];
        RawHubClient client = await RawHubClient.ConnectAsync(host, await host.TokenAsync(user));
        _clients.Add(client);
        await client.CallAsync("Ping", 1);
        string id = outboxes.All.Select(o => o.Connection.ConnectionId).Single(c => !before.Contains(c));
        return (client, $"{host.Services.GetRequiredService<ICluster>().Self}|{id}");
    }

    /// <summary>The client has heard exactly these words, in this order.</summary>
    private async Task HeardAsync(RawHubClient client, params int[] words)
    {
        await _net.SettleAsync();

        // What was posted to the connection before is on the wire before this answer.
        await client.CallAsync("Ping", 1);
        Assert.Equal(words, client.Received.Where(m => m.Text("target") == "Word").Select(m => m.GetProperty("arguments")[0].GetInt32()));
    }
}
