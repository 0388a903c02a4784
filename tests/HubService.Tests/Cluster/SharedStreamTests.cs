using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Tests.Cluster;

/// <summary>One stream that two nodes publish to: what each decides it decides on what the other appended.</summary>
public class SharedStreamTests
{
    private readonly ThreadId _thread = new("t1");
    private readonly StreamKey _key = new("default", StreamKind.Thread, "t1");

    [Fact]
    public async Task Two_nodes_that_publish_one_run_keep_its_order()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        using HttpClient a = await nodes.A.WorkerHttpAsync();
        using HttpClient b = await nodes.B.WorkerHttpAsync();
        Assert.Equal("run_not_started", (await b.PublishAsync(_thread, Thought("early"))).Code());
        Assert.Null((await a.PublishAsync(_thread, """{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}}""")).Code());
        Assert.Null((await b.PublishAsync(_thread, Thought("b"))).Code());
        Assert.Null((await a.PublishAsync(_thread, Thought("a"))).Code());
        JsonElement[] ends = await Task.WhenAll(
            a.PublishAsync(_thread, """{"type":"agent_completed","run_id":"run_1","payload":{"status":"success","duration_ms":1}}"""),
            b.PublishAsync(_thread, """{"type":"agent_completed","run_id":"run_1","payload":{"status":"success","duration_ms":1}}"""));
        Assert.Single(ends, e => e.Code() is null);
        Assert.Single(ends, e => e.Code() == "run_closed");
        Assert.Equal("run_closed", (await b.PublishAsync(_thread, Thought("late"))).Code());
        JsonElement[] events = await a.EventsAsync(_thread);
        events.AssertDense();
        Assert.Equal(["agent_started", "agent_thinking", "agent_thinking", "agent_completed"], events.Types());
    }

    [Fact]
    public async Task A_retry_on_another_node_is_a_duplicate()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        using HttpClient a = await nodes.A.WorkerHttpAsync();
        using HttpClient b = await nodes.B.WorkerHttpAsync();
        const string Event = """{"event_id":"e1","type":"status_update","payload":{"status":"fine"}}""";
        Assert.Equal("1", (await a.PublishAsync(_thread, Event)).Text("seq"));
        JsonElement again = await b.PublishAsync(_thread, Event);
        Assert.Equal(("1", "true"), (again.Text("seq"), again.Text("duplicate")));
    }

    /// <summary>After every conflict the projection was loaded from its snapshot, and all that followed read again.</summary>
    [Fact]
    public async Task Nodes_that_publish_against_each_other_read_only_what_the_other_appended()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        await Task.WhenAll(PublishAsync(nodes.StreamsA, "run_a"), PublishAsync(nodes.StreamsB, "run_b"));
        Assert.Equal(2, nodes.Log.LoadsOf(_key));
        using HttpClient a = await nodes.A.WorkerHttpAsync();
        JsonElement[] events = await a.EventsAsync(_thread);
        events.AssertDense();
        foreach (string run in new[] { "run_a", "run_b" })
        {
            Assert.Equal(100, events.Count(e => e.Text("run_id")!.StartsWith(run, StringComparison.Ordinal) && e.Text("type") == "agent_completed"));
        }

        async Task PublishAsync(OpenStreams streams, string run)
        {
            for (int i = 0; i < 100; i++)
            {
                Outcome outcome = await streams.SubmitAsync(_key, _ => Decision.Append(
                    EventDraft.ByHub("agent_started", new AgentStarted("a"), $"{run}{i}"),
                    EventDraft.ByHub("agent_completed", new AgentCompleted(RunStatus.Success, 1), $"{run}{i}")));
                Assert.Null(outcome.Refusal);
            }
        }
    }

    [Fact]
    public async Task A_member_added_on_one_node_reads_on_the_other_at_once_and_a_removed_one_does_not()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        using HttpClient owner = await nodes.A.UserHttpAsync();
        using HttpClient member = await nodes.B.UserHttpAsync("bob");
        string thread = (await owner.PostAsync("/api/v1/threads", "{}")).Text("thread", "thread_id")!;
        Assert.Equal("not_found", (await member.GetAsync($"/api/v1/threads/{thread}").ReadAsync()).Code());
        await owner.PutAsync($"/api/v1/threads/{thread}/members/bob", null).ReadAsync();
        Assert.Null((await member.GetAsync($"/api/v1/threads/{thread}").ReadAsync()).Code());
        await owner.DeleteAsync($"/api/v1/threads/{thread}/members/bob").ReadAsync();
        Assert.Equal("not_found", (await member.GetAsync($"/api/v1/threads/{thread}").ReadAsync()).Code());
    }

    /// <summary>Publishes queued behind one that the log did not answer, and each then waited for the log's time limit on its own.</summary>
    [Fact]
    public async Task What_waits_for_a_log_that_is_away_is_answered_with_what_was_sent()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        TaskCompletionSource sending = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource away = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int appends = 0;
        nodes.Log.Appending = async _ =>
        {
            appends++;
            sending.TrySetResult();
            await away.Task;
        };
        Task<Outcome> sent = SubmitAsync();
        await sending.Task;
        Task<Outcome>[] waiting = [SubmitAsync(), SubmitAsync()];
        nodes.Log.Away = ErrorCodes.OutcomeUnknown;
        away.SetResult();
        Assert.Equal(ErrorCodes.OutcomeUnknown, (await sent).Error?.Code);
        Assert.All(await Task.WhenAll(waiting), o => Assert.Equal(ErrorCodes.StoreUnavailable, o.Error?.Code));
        Assert.Equal(1, appends);
        nodes.Log.Away = null;
        Assert.Equal(1, (await SubmitAsync()).Head);

        Task<Outcome> SubmitAsync() => nodes.StreamsA.SubmitAsync(_key, _ => Decision.Append(EventDraft.ByHub("status_update", new StatusUpdate("x"))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_publisher_whose_events_were_rolled_back_is_told_from_where(bool idle)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        await using RawHubClient other = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        foreach (int i in Enumerable.Range(1, 3))
        {
            await publisher.CallRawAsync("Publish", $$$"""["t1",{"event_id":"e{{{i}}}","type":"status_update","payload":{"status":"s"}}]""");
        }

        await other.CallRawAsync("Publish", """["t2",{"type":"status_update","payload":{"status":"s"}}]""");
        await nodes.Log.ForkAsync(_key, lastValid: 1);
        if (idle)
        {
            await nodes.StreamsA.LookAgainOnceAsync();
        }
        else
        {
            JsonElement next = await publisher.CallRawAsync("Publish", """["t1",{"event_id":"e4","type":"status_update","payload":{"status":"s"}}]""");
            Assert.Equal("2", next.GetProperty("results")[0].Text("seq"));
        }

        JsonElement reset = (await publisher.UntilAsync(m => m.Text("target") == "Reset")).GetProperty("arguments")[0].GetProperty("payload");
        Assert.Equal(("thread:t1", "1"), (reset.Text("stream"), reset.Text("last_valid")));
        Assert.Equal((await nodes.Log.HeadAsync(_key)).Epoch, reset.Text("epoch"));
        Assert.Empty(other.Calls("Reset"));
        await nodes.StreamsA.LookAgainOnceAsync();
        Assert.Single(publisher.Calls("Reset"));
    }

    // After a failover a node may hold for a moment what was rolled back, and would call a client that asks for it recovered.
    [Fact]
    public async Task Who_resumes_is_not_answered_out_of_a_history_that_the_log_has_left()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        await using RawHubClient client = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        foreach (int _ in Enumerable.Range(1, 3))
        {
            await client.CallRawAsync("Publish", """["t1",{"type":"status_update","payload":{"status":"s"}}]""");
        }

        string epoch = (await nodes.Log.HeadAsync(_key)).Epoch;
        LogPage remembered = await nodes.Log.ReadAsync(_key, new StreamPosition(epoch, 2), 10);
        await nodes.Log.ForkAsync(_key, lastValid: 1);
        nodes.Log.Remembered = remembered;
        JsonElement answer = await client.CallRawAsync("Subscribe", $$"""["t1","{{epoch}}:2"]""");

        Assert.False(answer.GetProperty("recovered").GetBoolean());
        Assert.Equal(((await nodes.Log.HeadAsync(_key)).Epoch, "0"), (answer.Text("epoch"), answer.Text("replayed")));
    }

    [Fact]
    public async Task Another_epoch_in_which_nothing_is_lost_is_no_rollback()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync());
        const string Event = """["t1",{"type":"status_update","payload":{"status":"s"}}]""";
        await publisher.CallRawAsync("Publish", Event);
        await nodes.Log.ForkAsync(_key, lastValid: 1);
        await nodes.StreamsA.LookAgainOnceAsync();
        JsonElement next = (await publisher.CallRawAsync("Publish", Event)).GetProperty("results")[0];
        Assert.Equal(("2", (await nodes.Log.HeadAsync(_key)).Epoch), (next.Text("seq"), next.Text("epoch")));
        Assert.Empty(publisher.Calls("Reset"));
        Assert.Equal(1, nodes.Log.LoadsOf(_key));
    }

    private static string Thought(string text) => $$$"""{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"{{{text}}}"}}""";
}
