using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Tests.Client;
using HubService.Tests.Sqlite;

namespace HubService.Tests.Agents;

/// <summary>A run always ends: when its publisher does not, the hub ends it.</summary>
public class RunEndingTests
{
    private const string Short = "00:00:00.3";
    private const string Long = "00:10:00";

    [Fact]
    public async Task A_publisher_that_goes_away_leaves_no_open_call_and_no_open_run()
    {
        await using HubHost host = await HubHost.StartAsync(("Agents:DisconnectGrace", Short));
        await using AgentClient user = await host.UserAsync();
        ThreadId thread = (await user.CreateThreadAsync()).ThreadId;
        await using Recording seen = Recording.Of(user, thread);
        await using (RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync()))
        {
            await worker.CallRawAsync("Publish", $$$"""["{{{thread}}}",[{"type":"agent_started","run_id":"run_1","agent_name":"a","payload":{"agent_name":"a"}},{"type":"tool_executing","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"search"}}]]""");
        }

        await seen.EventAsync("agent_completed");
        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_completed"], seen.TypesOf(new RunId("run_1")));
        Assert.Equal(ToolStatus.Abandoned, seen.Events.Select(e => e.As<ToolCompleted>()).Single(p => p is not null)!.Status);
        Assert.Equal(RunStatus.Abandoned, seen.Events[^1].As<AgentCompleted>()!.Status);
        seen.AssertDense();
        using HttpClient http = await host.WorkerHttpAsync();
        Assert.Equal("run_closed", (await http.PublishAsync(thread, """{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"late"}}""")).Code());
    }

    /// <summary>
    /// A run that thinks for longer than the grace time lost its lease although its publisher had long been back: the client
    /// waited for the next heartbeat before it said anything on the new connection.
    /// </summary>
    [Fact]
    public async Task A_quiet_run_survives_a_reconnect_of_its_publisher()
    {
        await using HubHost host = await HubHost.StartAsync(("Agents:DisconnectGrace", "00:00:02"));
        await using AgentClient worker = await host.WorkerAsync();
        ThreadId thread = ThreadId.New();
        await using AgentRun run = await worker.StartRunAsync(thread, "a");
        HubService.Agents.RunLeases leases = host.Services.GetRequiredService<HubService.Agents.RunLeases>();
        string holder = leases.Find("default", run.RunId.Value).Single().Holder!;
        Cut(host, holder);
        await Wait.Until(() => leases.Find("default", run.RunId.Value).Single().Holder is { } now && now != holder);
        await run.CompleteAsync();
        using HttpClient http = await host.WorkerHttpAsync();
        Assert.Equal(["agent_started", "agent_completed"], (await http.EventsAsync(thread)).Types());
    }

    /// <summary>
    /// A worker that is replaced goes away while another one works on in its run. That must not end the run, and the end of the
    /// second worker must.
    /// </summary>
    [Fact]
    public async Task A_run_that_another_worker_took_over_outlives_the_first_and_ends_with_the_second()
    {
        await using HubHost host = await HubHost.StartAsync(("Agents:DisconnectGrace", Short));
        await using AgentClient user = await host.UserAsync();
        ThreadId thread = (await user.CreateThreadAsync()).ThreadId;
        await using Recording seen = Recording.Of(user, thread);
        HubService.Agents.RunLeases leases = host.Services.GetRequiredService<HubService.Agents.RunLeases>();
        await using (RawHubClient second = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync("second")))
        {
            string replaced;
            await using (RawHubClient first = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync("first")))
            {
                await first.CallRawAsync("Publish", $$$"""["{{{thread}}}",[{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}},{"type":"tool_executing","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"t"}}]]""");
                replaced = leases.Find("default", "run_1").Single().Holder!;
                await second.CallRawAsync("Publish", $$$"""["{{{thread}}}",{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"mine now"}}]""");
                Assert.Equal((0, 1), (leases.CountOf(replaced), leases.CountOf(leases.Find("default", "run_1").Single().Holder!)));
            }

            await Wait.Until(() => host.Services.GetRequiredService<HubService.Delivery.Outboxes>().Find(replaced) is null);
            JsonElement alive = await second.CallAsync("Heartbeat", "run_1");
            Assert.True(alive.GetProperty("lease_until").GetDateTimeOffset() > TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1));
        }

        await seen.EventAsync("agent_completed");
        Assert.Equal(["agent_started", "tool_executing", "agent_thinking", "tool_completed", "agent_completed"], seen.TypesOf(new RunId("run_1")));
        Assert.Equal(RunStatus.Abandoned, seen.Events[^1].As<AgentCompleted>()!.Status);
        await Wait.Until(() => leases.Find("default", "run_1").Count == 0);
    }

    [Fact]
    public async Task A_publisher_over_http_keeps_its_run_by_events_and_heartbeats_and_loses_it_without()
    {
        await using HubHost host = await HubHost.StartAsync(("Agents:HttpLease", "00:00:01.5"));
        using HttpClient http = await host.WorkerHttpAsync();
        ThreadId thread = ThreadId.New();
        await http.PublishAsync(thread, """{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}}""");
        DateTimeOffset first = Until(await http.PostAsync($"/api/v1/threads/{thread}/runs/run_1/heartbeat", null).ReadAsync());
        DateTimeOffset second = first;
        await Wait.Until(() => (second = Until(http.PostAsync($"/api/v1/threads/{thread}/runs/run_1/heartbeat", null).ReadAsync().Result)) > first);
        Assert.Null((await http.PublishAsync(thread, """{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"t"}}""")).Code());
        await Wait.Until(() => http.EventsAsync(thread).Result.Types().Contains("agent_completed"));
        Assert.Equal("abandoned", (await http.EventsAsync(thread))[^1].Text("payload", "status"));
        Assert.Equal("not_found", (await http.PostAsync($"/api/v1/threads/{thread}/runs/run_1/heartbeat", null).ReadAsync()).Code());

        static DateTimeOffset Until(JsonElement lease) => lease.GetProperty("lease_until").GetDateTimeOffset();
    }

    [Fact]
    public async Task A_worker_that_was_asked_and_never_starts_loses_the_run()
    {
        await using HubHost host = await HubHost.StartAsync(("Agents:StartTimeout", Short));
        await using AgentClient user = await host.UserAsync();
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        await worker.CallAsync("ServeAgents", new[] { "guide" }, 1);
        MessageAccepted sent = await user.SendMessageAsync("hello");
        await using Recording seen = Recording.Of(user, sent.ThreadId!.Value);
        await seen.EventAsync("agent_completed");
        Assert.Equal(["agent_started", "agent_completed"], seen.TypesOf(sent.RunId!.Value));
        Assert.Equal(RunStatus.Abandoned, seen.Events[^1].As<AgentCompleted>()!.Status);
        Assert.NotNull((await user.SendMessageAsync("again", sent.ThreadId)).RunId);
    }

    [Fact]
    public async Task A_cancel_reaches_the_worker_which_ends_its_run()
    {
        await using HubHost host = await HubHost.StartAsync(("Agents:CancelTimeout", Long));
        await using AgentClient user = await host.UserAsync();
        await using AgentClient worker = await host.WorkerAsync();
        using CancellationTokenSource stop = new();
        Task serving = worker.ServeAsync(
            ["guide"],
            1,
            async (work, cancelled) =>
            {
                await work.Run.ThinkAsync("at it");
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
            },
            stop.Token);
        RunAccepted started = await StartedAsync(user);
        await using Recording seen = Recording.Of(user, started.ThreadId!.Value);
        await seen.EventAsync("agent_thinking");
        await user.CancelRunAsync(started.RunId!.Value, "enough");
        await seen.EventAsync("agent_completed");
        Assert.Equal(RunStatus.Cancelled, seen.Events[^1].As<AgentCompleted>()!.Status);
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_worker_that_ignores_a_cancel_has_its_run_ended_with_every_call_closed()
    {
        await using HubHost host = await HubHost.StartAsync(("Agents:CancelTimeout", Short));
        await using AgentClient user = await host.UserAsync();
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        ThreadId thread = (await user.CreateThreadAsync()).ThreadId;
        await using Recording seen = Recording.Of(user, thread);
        await worker.CallRawAsync("Publish", $$$"""["{{{thread}}}",[{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}},{"type":"tool_executing","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"search"}}]]""");
        await user.CancelRunAsync(new RunId("run_1"), "enough");
        await worker.UntilAsync(m => m.Text("target") == "CancelRequested");
        await seen.EventAsync("agent_completed");
        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_completed"], seen.TypesOf(new RunId("run_1")));
        Assert.Equal((RunStatus.Cancelled, "enough"), (seen.Events[^1].As<AgentCompleted>()!.Status, seen.Events[^1].As<AgentCompleted>()!.Error));
        Assert.Equal("not_found", (await Assert.ThrowsAsync<HubClientException>(() => user.CancelRunAsync(new RunId("run_1")))).Code);
    }

    [Fact]
    public async Task A_node_that_starts_again_ends_the_runs_it_finds_open()
    {
        using TempDirectory directory = new();
        (string, string)[] settings = [("Streams:Store", "sqlite"), ("Sqlite:Path", Path.Combine(directory.Path, "hub.db")), ("Agents:HttpLease", Short)];
        ThreadId thread = ThreadId.New();
        await using (HubHost before = await HubHost.StartAsync([.. settings, ("Agents:DisconnectGrace", Long)]))
        {
            using HttpClient publisher = await before.WorkerHttpAsync();
            await publisher.PublishAsync(thread, """[{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}},{"type":"tool_executing","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"t"}}]""");
        }

        await using HubHost host = await HubHost.StartAsync(settings);
        using HttpClient http = await host.WorkerHttpAsync();
        await Wait.Until(() => http.EventsAsync(thread).Result.Length == 4);
        JsonElement[] events = await http.EventsAsync(thread);
        events.AssertDense();
        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_completed"], events.Types());
        Assert.Equal("abandoned", events[^1].Text("payload", "status"));
    }

    private static void Cut(HubHost host, string connectionId) =>
        host.Services.GetRequiredService<HubService.Delivery.Outboxes>().Find(connectionId)!.Abort();

    /// <summary>Asks until the worker has registered.</summary>
    private static async Task<RunAccepted> StartedAsync(AgentClient user)
    {
        RunAccepted? started = null;
        await Wait.Until(() =>
        {
            try
            {
                started = user.StartAgentAsync(new StartAgent("go")).Result;
            }
            catch (AggregateException e) when (e.InnerException is HubClientException { Code: ErrorCodes.AgentNotAvailable })
            {
                // Not yet.
            }

            return started is not null;
        });
        return started!;
    }
}
