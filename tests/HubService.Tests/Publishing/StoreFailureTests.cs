using System.Net;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Tests.Publishing;

/// <summary>What the store cannot do is said with a code, and nothing is lost or doubled when it can again.</summary>
public class StoreFailureTests
{
    private const string Good = """{"event_id":"e1","type":"status_update","payload":{"status":"fine"}}""";

    [Theory]
    [InlineData("store_unavailable", HttpStatusCode.ServiceUnavailable)]
    [InlineData("store_full", HttpStatusCode.InsufficientStorage)]
    [InlineData("outcome_unknown", HttpStatusCode.ServiceUnavailable)]
    [InlineData("internal", HttpStatusCode.InternalServerError)]
    public async Task A_failed_append_is_answered_with_its_code_and_the_retry_is_accepted(string code, HttpStatusCode status)
    {
        FaultyLog log = null!;
        await using HubHost host = await HubHost.StartAsync(FaultyLog.Install(l => log = l));
        using HttpClient http = await host.WorkerHttpAsync();
        await using RawHubClient hub = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        ThreadId thread = ThreadId.New();
        log.Appends = code;
        using HttpResponseMessage response = await http.PostAsync($"/api/v1/threads/{thread}/events", new StringContent(Good, null, "application/json"));
        Assert.Equal(status, response.StatusCode);
        JsonElement problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((code, "true"), (problem.Code(), problem.Text("retryable")));
        JsonElement refused = (await hub.CallRawAsync("Publish", $"""["{thread}",{Good}]""")).GetProperty("results")[0];
        Assert.Equal((code, "true"), (refused.Code(), refused.Text("error", "retryable")));

        log.Appends = null;
        JsonElement kept = (await hub.CallRawAsync("Publish", $"""["{thread}",{Good}]""")).GetProperty("results")[0];
        Assert.Equal((1L, false), (kept.GetProperty("seq").GetInt64(), kept.GetProperty("duplicate").GetBoolean()));
        Assert.Single(await http.EventsAsync(thread));
    }

    [Theory]
    [InlineData("store_unavailable")]
    [InlineData("internal")]
    public async Task A_failed_read_is_answered_with_its_code(string code)
    {
        FaultyLog log = null!;
        await using HubHost host = await HubHost.StartAsync(FaultyLog.Install(l => log = l));
        using HttpClient http = await host.WorkerHttpAsync();
        await using RawHubClient hub = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        ThreadId thread = ThreadId.New();
        await http.PublishAsync(thread, Good);
        log.Reads = code;
        Assert.Equal(code, (await hub.CallAsync("GetHistory", thread.Value)).Code());
        Assert.Equal(code, (await http.GetAsync($"/api/v1/threads/{thread}/events").ReadAsync()).Code());
        Assert.Equal(code, (await hub.CallAsync("Subscribe", thread.Value, ":0")).Code());
        using HttpResponseMessage ready = await http.GetAsync("/health/ready");
        Assert.False(ready.IsSuccessStatusCode);
        log.Reads = null;
        Assert.Null((await hub.CallAsync("Subscribe", thread.Value, ":0")).Code());
        await hub.UntilAsync(m => m.Text("target") == "StatusUpdate");
        Assert.Equal("ok", await http.GetStringAsync("/health/ready"));
    }

    /// <summary>
    /// The projection is ahead of the log while a batch is on its way. A snapshot that was taken then held what the log went on
    /// to refuse, and a restarted node found a run that nobody had started.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_holds_nothing_that_was_not_kept(bool snapshotFirst)
    {
        FaultyLog log = null!;
        await using HubHost host = await HubHost.StartAsync(FaultyLog.Install(l => log = l));
        using HttpClient http = await host.WorkerHttpAsync();
        StreamKey thread = new("default", StreamKind.Thread, ThreadId.New().Value);
        await http.PublishAsync(new ThreadId(thread.Id), Good);
        OpenStreams streams = host.Services.GetRequiredService<OpenStreams>();
        log.Appends = "store_unavailable";
        Task<Outcome>? started = null;
        Task? saved = null;

        // What is submitted from within a decision waits for the next batch, all of it together.
        await streams.SubmitAsync(thread, _ =>
        {
            saved = snapshotFirst ? streams.SaveAllAsync() : null;
            started = streams.SubmitAsync(thread, static _ => Decision.Append(EventDraft.ByHub("agent_started", new AgentStarted("a"), "run_1")));
            saved ??= streams.SaveAllAsync();
            return Decision.Look(null);
        });
        Assert.Equal("store_unavailable", (await started!).Error?.Code);
        await saved!;
        Assert.Null(await log.LoadSnapshotAsync(thread));

        log.Appends = null;
        await streams.SaveAllAsync();
        Snapshot? snapshot = await log.LoadSnapshotAsync(thread);
        Assert.Equal((1L, false), (snapshot!.Seq, snapshot.Unfinished));
        var state = (HubService.Agents.ThreadState)host.Services.GetServices<IStreamRules>().Single(r => r.Kind == thread.Kind).Open(thread, snapshot.State);
        Assert.Empty(state.Runs);
        Assert.Null((await http.PublishAsync(new ThreadId(thread.Id), """{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}}""")).Code());
    }

    [Fact]
    public async Task A_node_whose_log_takes_no_appends_is_not_ready_until_it_does()
    {
        FaultyLog log = null!;
        await using HubHost host = await HubHost.StartAsync(FaultyLog.Install(l => log = l));
        using HttpClient http = new() { BaseAddress = host.Url };
        log.Fault = "The disk failed to sync.";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "store_unavailable"), await ReadyAsync());
        log.Fault = null;
        log.RefusalCode = "store_full";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "store_full"), await ReadyAsync());
        Assert.Equal("ok", await http.GetStringAsync("/health/live"));
        log.RefusalCode = null;
        Assert.Equal((HttpStatusCode.OK, "ok"), await ReadyAsync());

        async Task<(HttpStatusCode, string)> ReadyAsync()
        {
            using HttpResponseMessage ready = await http.GetAsync("/health/ready");
            return (ready.StatusCode, await ready.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_message_that_was_not_kept_leaves_no_run_behind()
    {
        FaultyLog log = null!;
        await using HubHost host = await HubHost.StartAsync(FaultyLog.Install(l => log = l));
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        await worker.CallAsync("ServeAgents", new[] { "guide" }, 1);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        string thread = (await user.CallAsync("CreateThread", new { })).Text("thread", "thread_id")!;
        log.Appends = "store_unavailable";
        var message = new { thread_id = thread, text = "hello", message_id = "m1" };
        Assert.Equal("store_unavailable", (await user.CallAsync("SendMessage", message)).Code());
        log.Appends = null;
        JsonElement sent = await user.CallAsync("SendMessage", message);
        Assert.NotNull(sent.Text("run_id"));
        JsonElement received = await worker.UntilAsync(m => m.Text("target") == "MessageReceived");
        Assert.Equal(sent.Text("run_id"), received.GetProperty("arguments")[0].Text("run_id"));
    }
}
