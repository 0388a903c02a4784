using System.Text.Json;
using HubService.Agents;
using HubService.Contracts;
using HubService.Streams;
using HubService.Tests.Client;

namespace HubService.Tests.Cluster;

/// <summary>Threads, runs and agent workers over two nodes, whichever of them keeps the thread.</summary>
public class AgentNodesTests
{
    private const string Short = "00:00:00.3";
    private const string Long = "00:10:00";
    private const string Started = """{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_on_one_node_serves_a_user_on_the_other(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:StartTimeout", Long));
        await using RawHubClient worker = await ServeAsync(nodes, nodes.A);
        await using RawHubClient user = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.TokenAsync("ada"));
        string thread = await ThreadAsync(nodes, user, keptByA);
        JsonElement sent = await user.CallAsync("SendMessage", new { thread_id = thread, text = "hello", message_id = "m1" });
        Assert.Null(sent.Code());
        JsonElement asked = (await worker.UntilAsync(m => m.Text("target") == "MessageReceived")).GetProperty("arguments")[0];
        Assert.Equal((thread, sent.Text("run_id"), "hello"), (asked.Text("thread_id"), asked.Text("run_id"), asked.Text("text")));
        JsonElement again = await user.CallAsync("SendMessage", new { thread_id = thread, text = "hello", message_id = "m1" });
        Assert.Equal((sent.Text("seq"), "true"), (again.Text("seq"), again.Text("duplicate")));

        string run = sent.Text("run_id")!;
        Assert.Null(await PublishAsync(worker, thread, $$$"""{"type":"agent_started","run_id":"{{{run}}}","payload":{"agent_name":"guide"}}"""));
        Assert.Null(await PublishAsync(worker, thread, $$$"""{"type":"agent_completed","run_id":"{{{run}}}","payload":{"status":"success","duration_ms":1}}"""));
        JsonElement started = await user.CallAsync("StartAgent", new { thread_id = thread, user_request = "go" });
        Assert.Null(started.Code());
        asked = (await worker.UntilAsync(m => m.Text("target") == "RunRequested")).GetProperty("arguments")[0];
        Assert.Equal((started.Text("run_id"), "go"), (asked.Text("run_id"), asked.Text("user_request")));
    }

    [Fact]
    public async Task A_message_that_begins_a_thread_begins_one_thread_whichever_node_hears_it_again()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        await using RawHubClient a = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.TokenAsync("ada"));
        await using RawHubClient b = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.TokenAsync("ada"));
        var message = new { text = "hello", message_id = "m1", metadata = new { source = "test" } };
        JsonElement first = await a.CallAsync("SendMessage", message);
        JsonElement second = await b.CallAsync("SendMessage", message);
        Assert.Equal((first.Text("thread_id"), first.Text("seq"), "true"), (second.Text("thread_id"), second.Text("seq"), second.Text("duplicate")));
        Assert.Equal("agent_not_available", (await b.CallAsync("SendMessage", new { text = "hello", target = "guide" })).Code());
    }

    [Fact]
    public async Task A_worker_with_one_run_to_spare_gets_one_whichever_nodes_keep_the_threads()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:StartTimeout", Long));
        await using RawHubClient worker = await ServeAsync(nodes, nodes.A);
        await using RawHubClient user = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.TokenAsync("ada"));
        string one = await ThreadAsync(nodes, user, keptByA: true), two = await ThreadAsync(nodes, user, keptByA: false);
        Assert.Null((await user.CallAsync("StartAgent", new { thread_id = one, user_request = "go" })).Code());
        nodes.A.Services.GetRequiredService<AgentWorkers>().ShareLoadsOnce();
        await nodes.Net.SettleAsync();
        Assert.Equal("agent_not_available", (await user.CallAsync("StartAgent", new { thread_id = two, user_request = "go" })).Code());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_whose_publisher_goes_away_is_ended_by_its_keeper(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:DisconnectGrace", Short));
        StreamKey thread = TwoNodes.KeptBy(keptByA ? nodes.NodeA : nodes.NodeB, StreamKind.Thread);
        await using (RawHubClient publisher = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync()))
        {
            Assert.Null(await PublishAsync(publisher, thread.Id, Started));
            Assert.Null(await PublishAsync(publisher, thread.Id, """{"type":"tool_executing","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"t"}}"""));
        }

        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_completed"], await EndedAsync(nodes.B, thread));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_whose_publishers_node_dies_is_ended_on_another(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:DisconnectGrace", Short), ("Agents:HttpLease", Long));
        StreamKey thread = TwoNodes.KeptBy(keptByA ? nodes.NodeA : nodes.NodeB, StreamKind.Thread);
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        Assert.Null(await PublishAsync(publisher, thread.Id, Started));
        await nodes.Net.SettleAsync();
        nodes.NodeA.Kill();
        Assert.Equal(["agent_started", "agent_completed"], await EndedAsync(nodes.B, thread));
    }

    // The keeper told the node after it that nobody held the run any more; that was taken for a connection that lives, and the run
    // got ten minutes instead of the grace time.
    [Fact]
    public async Task A_run_whose_publisher_had_gone_before_its_keeper_died_is_ended_in_time()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:DisconnectGrace", "00:00:03"), ("Agents:HttpLease", Long));
        StreamKey thread = TwoNodes.KeptBy(nodes.NodeA, StreamKind.Thread);
        RunLeases leases = nodes.A.Services.GetRequiredService<RunLeases>();
        await using (RawHubClient publisher = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync()))
        {
            Assert.Null(await PublishAsync(publisher, thread.Id, Started));
        }

        await Wait.Until(() => leases.Find("default", "run_1") is [{ Holder: null }]);
        await nodes.Net.SettleAsync();
        nodes.NodeA.Kill();
        Assert.Equal(["agent_started", "agent_completed"], await EndedAsync(nodes.B, thread));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_whose_publisher_moves_to_another_node_is_not_ended(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:DisconnectGrace", "00:00:02"));
        StreamKey thread = TwoNodes.KeptBy(keptByA ? nodes.NodeA : nodes.NodeB, StreamKind.Thread);
        RunLeases leases = (keptByA ? nodes.A : nodes.B).Services.GetRequiredService<RunLeases>();
        await using (RawHubClient before = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync()))
        {
            Assert.Null(await PublishAsync(before, thread.Id, Started));
        }

        await Wait.Until(() => leases.Find("default", "run_1") is [{ Holder: null }]);
        await using RawHubClient after = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.WorkerTokenAsync());
        Assert.NotNull((await after.CallAsync("Heartbeat", "run_1")).Text("lease_until"));
        Assert.Equal("b", HubService.Cluster.Handles.NodeOf(leases.Find("default", "run_1").Single().Holder!));
        Assert.Null(await PublishAsync(after, thread.Id, """{"type":"agent_completed","run_id":"run_1","payload":{"status":"success","duration_ms":1}}"""));
        Assert.Equal(["agent_started", "agent_completed"], await EndedAsync(nodes.A, thread));
        await Wait.Until(() => leases.Find("default", "run_1").Count == 0);
    }

    /// <summary>A run whose publisher lives must not notice that the node which kept its thread is gone.</summary>
    [Fact]
    public async Task A_run_outlives_the_keeper_of_its_thread()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:DisconnectGrace", Short), ("Agents:HttpLease", "00:00:02"));
        StreamKey thread = TwoNodes.KeptBy(nodes.NodeB, StreamKind.Thread);
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        Assert.Null(await PublishAsync(publisher, thread.Id, Started));
        await nodes.Net.SettleAsync();
        nodes.NodeB.Kill();
        RunLeases leases = nodes.A.Services.GetRequiredService<RunLeases>();
        await Wait.Until(() => leases.Find("default", "run_1") is [{ Holder: not null }]);
        await leases.ExpireOnceAsync(nodes.StreamsA);
        Assert.True((await publisher.CallAsync("Heartbeat", "run_1")).GetProperty("lease_until").GetDateTimeOffset() > TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancel_on_one_node_reaches_the_run_on_the_other(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:CancelTimeout", Short));
        await using RawHubClient worker = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        await using RawHubClient user = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.TokenAsync("ada"));
        await using RawHubClient other = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.TokenAsync("eve"));
        string thread = await ThreadAsync(nodes, user, keptByA);
        Assert.Null(await PublishAsync(worker, thread, Started));
        await nodes.Net.SettleAsync();
        Assert.Equal("not_found", (await other.CallAsync("CancelRun", "run_1")).Code());
        Assert.Null((await user.CallAsync("CancelRun", "run_1", "enough")).Code());
        JsonElement asked = (await worker.UntilAsync(m => m.Text("target") == "CancelRequested")).GetProperty("arguments")[0];
        Assert.Equal(("run_1", thread, "enough"), (asked.Text("run_id"), asked.Text("thread_id"), asked.Text("reason")));
        Assert.Equal(["thread_created", "agent_started", "agent_completed"], await EndedAsync(nodes.B, new StreamKey("default", StreamKind.Thread, thread)));
        Assert.Equal("not_found", (await user.CallAsync("CancelRun", "run_1")).Code());
        nodes.Net.LosesAnswer = (_, _, topic) => topic == "agents.cancel";
        Assert.Equal("outcome_unknown", (await user.CallAsync("CancelRun", "run_1")).Code());
    }

    /// <summary>A person cancels a run as soon as it shows, which may be before its keeper has heard of it.</summary>
    [Fact]
    public async Task A_cancel_reaches_a_run_that_its_keeper_has_not_heard_of()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        nodes.Net.Loses = (_, _, topic) => topic == "agents.settled";
        await using RawHubClient worker = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        await using RawHubClient user = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.TokenAsync("ada"));
        string thread = await ThreadAsync(nodes, user, keptByA: false);
        Assert.Null(await PublishAsync(worker, thread, Started));
        Assert.Null((await user.CallAsync("CancelRun", "run_1")).Code());
        await worker.UntilAsync(m => m.Text("target") == "CancelRequested");
    }

    [Fact]
    public async Task A_keeper_that_missed_every_word_finds_the_run_and_its_publisher_all_the_same()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Agents:HttpLease", Long));
        RunLeases leases = nodes.B.Services.GetRequiredService<RunLeases>();
        nodes.Net.Loses = (_, _, topic) => topic == "agents.settled";
        StreamKey thread = TwoNodes.KeptBy(nodes.NodeB, StreamKind.Thread);
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        Assert.Null(await PublishAsync(publisher, thread.Id, Started));
        Assert.Empty(leases.Find("default", "run_1"));
        await LookAsync(nodes.B);
        Assert.Null(leases.Find("default", "run_1").Single().Holder);
        await LookAsync(nodes.A);
        await Wait.Until(() => leases.Find("default", "run_1").Single().Holder is not null);
        Assert.Null(await PublishAsync(publisher, thread.Id, """{"type":"agent_completed","run_id":"run_1","payload":{"status":"success","duration_ms":1}}"""));
        await LookAsync(nodes.B);
        Assert.Empty(leases.Find("default", "run_1"));

        static Task LookAsync(HubHost host) => host.Services.GetRequiredService<NodeTakeover>().LookOnceAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_without_its_thread_finds_it_on_whichever_node(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        using HttpClient publisher = await nodes.A.WorkerHttpAsync();
        await using RawHubClient user = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.TokenAsync("ada"));
        string thread = await ThreadAsync(nodes, user, keptByA);
        Assert.Null((await publisher.PublishAsync(new ThreadId(thread), """{"type":"input_requested","payload":{"request_id":"q1","prompt":"sure?","kind":"text"}}""")).Code());
        await nodes.Net.SettleAsync();
        Assert.Null((await user.CallAsync("ProvideInput", "q1", "yes")).Code());
        Assert.Equal("input_provided", (await publisher.EventsAsync(new ThreadId(thread)))[^1].Text("type"));
        Assert.Equal("not_found", (await user.CallAsync("ProvideInput", "q1", "yes")).Code());
    }

    /// <summary>A word that the keeper certainly did not get is done here; one that it may have acted on is not done twice.</summary>
    [Fact]
    public async Task A_message_whose_keeper_does_not_answer_says_that_its_outcome_is_unknown()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        await using RawHubClient user = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.TokenAsync("ada"));
        string thread = await ThreadAsync(nodes, user, keptByA: false);
        nodes.Net.LosesAnswer = (_, _, topic) => topic == "agents.send";
        var message = new { thread_id = thread, text = "hello", message_id = "m1" };
        Assert.Equal("outcome_unknown", (await user.CallAsync("SendMessage", message)).Code());
        nodes.Net.LosesAnswer = null;
        Assert.Equal("true", (await user.CallAsync("SendMessage", message)).Text("duplicate"));
        nodes.NodeB.Kill();
        Assert.Null((await user.CallAsync("SendMessage", new { thread_id = thread, text = "hello", message_id = "m2" })).Code());
    }

    private static async Task<string[]> EndedAsync(HubHost host, StreamKey thread)
    {
        using HttpClient http = await host.WorkerHttpAsync();
        await Wait.Until(() => http.EventsAsync(new ThreadId(thread.Id)).Result.Types().Contains("agent_completed"));
        JsonElement[] events = await http.EventsAsync(new ThreadId(thread.Id));
        events.AssertDense();
        return events.Types();
    }

    private static async Task<RawHubClient> ServeAsync(TwoNodes nodes, HubHost host)
    {
        RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        Assert.Null((await worker.CallAsync("ServeAgents", new[] { "guide" }, 1)).Code());
        await nodes.Net.SettleAsync();
        return worker;
    }

    /// <summary>Creates threads until the node that is wanted keeps one.</summary>
    private static async Task<string> ThreadAsync(TwoNodes nodes, RawHubClient user, bool keptByA)
    {
        while (true)
        {
            string thread = (await user.CallAsync("CreateThread", new { })).Text("thread", "thread_id")!;
            if (new HubService.Cluster.Keepers(nodes.NodeA).IsMine(new StreamKey("default", StreamKind.Thread, thread)) == keptByA)
            {
                return thread;
            }
        }
    }

    private static async Task<string?> PublishAsync(RawHubClient client, string thread, string e) =>
        (await client.CallRawAsync("Publish", $"""["{thread}",{e}]""")).GetProperty("results")[0].Code();
}
