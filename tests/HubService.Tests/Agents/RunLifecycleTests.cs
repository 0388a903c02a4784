using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Tests.Agents;

/// <summary>A run starts first, its calls come in pairs, and it ends once, whoever publishes.</summary>
public class RunLifecycleTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly ThreadId _thread = ThreadId.New();

    [Fact]
    public async Task The_five_critical_events_reach_the_threads_owner_in_order()
    {
        await using AgentClient user = await fixture.Host.UserAsync();
        await using AgentClient worker = await fixture.Host.WorkerAsync();
        ThreadId thread = (await user.CreateThreadAsync()).ThreadId;
        await using Recording seen = Recording.Of(user, thread);
        await using AgentRun run = await worker.StartRunAsync(thread, "triage", "Sort it");
        await run.ThinkAsync("Where to begin?");
        await run.ToolAsync("search", new { Query = "x" }, _ => Task.FromResult(3));
        await run.CompleteAsync(finalResponse: "Done.");
        await seen.EventAsync("agent_completed");
        Assert.Equal(["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"], seen.TypesOf(run.RunId));
        seen.AssertDense();
    }

    [Fact]
    public async Task Two_connections_may_publish_one_run()
    {
        await using AgentClient first = await fixture.Host.WorkerAsync("first");
        await using AgentClient second = await fixture.Host.WorkerAsync("second");
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        RunId run = RunId.New();
        await first.PublishAsync(_thread, Event("agent_started", new { agent_name = "a" }, run));
        Task[] both =
        [
            .. Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? first : second).PublishAsync(_thread, Event("agent_thinking", new { thought = $"{i}" }, run))),
        ];
        await Task.WhenAll(both);
        await second.PublishAsync(_thread, Event("agent_completed", new { status = "success", duration_ms = 1 }, run));
        JsonElement[] events = await http.EventsAsync(_thread);
        events.AssertDense();
        Assert.Equal(42, events.Length);
        foreach (string subject in new[] { "first", "second" })
        {
            int[] order = [.. events[1..^1].Where(e => e.Text("user_id") == subject).Select(e => int.Parse(e.Text("payload", "thought")!, null))];
            Assert.Equal(order.Order(), order);
        }
    }

    [Fact]
    public async Task Every_critical_event_sent_again_is_answered_with_its_first_seq_also_after_the_end()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        string[] run =
        [
            """{"event_id":"e1","type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}}""",
            """{"event_id":"e2","type":"agent_thinking","run_id":"run_1","payload":{"thought":"t"}}""",
            """{"event_id":"e3","type":"tool_executing","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"t"}}""",
            """{"event_id":"e4","type":"tool_completed","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"t","status":"ok","duration_ms":1}}""",
            """{"event_id":"e5","type":"agent_completed","run_id":"run_1","payload":{"status":"success","duration_ms":1}}""",
        ];
        for (int i = 0; i < run.Length; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                JsonElement answer = await http.PublishAsync(_thread, run[j]);
                Assert.Equal((j + 1L, j < i), (answer.GetProperty("seq").GetInt64(), answer.GetProperty("duplicate").GetBoolean()));
            }
        }

        JsonElement all = await http.PublishAsync(_thread, $"[{string.Join(',', run)}]");
        Assert.All(all.GetProperty("results").EnumerateArray(), r => Assert.True(r.GetProperty("duplicate").GetBoolean()));
        Assert.Equal(5, (await http.EventsAsync(_thread)).Length);
    }

    [Fact]
    public async Task The_same_id_twice_in_one_batch_is_one_event()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        const string start = """{"event_id":"e1","type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}}""";
        JsonElement answer = await http.PublishAsync(_thread, $"[{start},{start}]");
        Assert.Equal([(1L, false), (1L, true)], answer.GetProperty("results").EnumerateArray().Select(r => (r.GetProperty("seq").GetInt64(), r.GetProperty("duplicate").GetBoolean())));
    }

    [Theory]
    [InlineData("run_conflict", """{"type":"agent_started","run_id":"run_open","payload":{"agent_name":"a"}}""")]
    [InlineData("run_conflict", """{"type":"agent_started","run_id":"run_over","payload":{"agent_name":"a"}}""")]
    [InlineData("run_conflict", """{"type":"agent_completed","run_id":"run_open","payload":{"status":"success","duration_ms":1}}""")]
    [InlineData("run_conflict", """{"type":"tool_executing","run_id":"run_open","payload":{"tool_call_id":"open","tool_name":"t"}}""")]
    [InlineData("run_conflict", """{"type":"tool_executing","run_id":"run_open","payload":{"tool_call_id":"closed","tool_name":"t"}}""")]
    [InlineData("run_conflict", """{"type":"tool_completed","run_id":"run_open","payload":{"tool_call_id":"open","tool_name":"other","status":"ok","duration_ms":1}}""")]
    [InlineData("tool_not_executing", """{"type":"tool_completed","run_id":"run_open","payload":{"tool_call_id":"closed","tool_name":"t","status":"ok","duration_ms":1}}""")]
    [InlineData("tool_not_executing", """{"type":"tool_completed","run_id":"run_open","payload":{"tool_call_id":"never","tool_name":"t","status":"ok","duration_ms":1}}""")]
    [InlineData("run_not_started", """{"type":"tool_executing","run_id":"run_new","payload":{"tool_call_id":"c","tool_name":"t"}}""")]
    [InlineData("run_not_started", """{"type":"status_update","run_id":"run_new","payload":{"status":"s"}}""")]
    [InlineData("run_closed", """{"type":"agent_thinking","run_id":"run_over","payload":{"thought":"late"}}""")]
    [InlineData("run_closed", """{"type":"agent_completed","run_id":"run_over","payload":{"status":"success","duration_ms":1}}""")]
    [InlineData("run_closed", """{"type":"agent_streaming","run_id":"run_over","payload":{"message_id":"m","delta":"d","stream_index":0}}""")]
    public async Task What_breaks_the_order_of_a_run_is_refused(string code, string json)
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement before = await http.PublishAsync(
            _thread,
            """
            [{"type":"agent_started","run_id":"run_over","payload":{"agent_name":"a"}},
             {"type":"agent_completed","run_id":"run_over","payload":{"status":"success","duration_ms":1}},
             {"type":"agent_started","run_id":"run_open","payload":{"agent_name":"a"}},
             {"type":"tool_executing","run_id":"run_open","payload":{"tool_call_id":"open","tool_name":"t"}},
             {"type":"tool_executing","run_id":"run_open","payload":{"tool_call_id":"closed","tool_name":"t"}},
             {"type":"tool_completed","run_id":"run_open","payload":{"tool_call_id":"closed","tool_name":"t","status":"ok","duration_ms":1}}]
            """);
        Assert.All(before.GetProperty("results").EnumerateArray(), r => Assert.Null(r.Code()));
        Assert.Equal(code, (await http.PublishAsync(_thread, json)).Code());
        Assert.Equal(6, (await http.EventsAsync(_thread)).Length);
    }

    [Fact]
    public async Task A_result_under_another_tools_name_is_refused_by_that_field()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        await http.PublishAsync(
            _thread,
            """
            [{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}},
             {"type":"tool_executing","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"t"}}]
            """);
        const string result = """{"type":"tool_completed","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"other","status":"ok","duration_ms":1}}""";
        Assert.Equal("payload.tool_name", (await http.PublishAsync(_thread, result)).Field());
        Assert.Null((await http.PublishAsync(_thread, result.Replace("other", "t", StringComparison.Ordinal))).Code());
    }

    [Fact]
    public async Task Two_threads_may_hold_runs_of_the_same_id()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        ThreadId other = ThreadId.New();
        foreach (ThreadId thread in new[] { _thread, other })
        {
            Assert.Null((await http.PublishAsync(thread, """{"type":"agent_started","run_id":"run_same","payload":{"agent_name":"a"}}""")).Code());
        }

        Assert.Null((await http.PublishAsync(_thread, """{"type":"agent_completed","run_id":"run_same","payload":{"status":"success","duration_ms":1}}""")).Code());
        Assert.Null((await http.PublishAsync(other, """{"type":"agent_thinking","run_id":"run_same","payload":{"thought":"still here"}}""")).Code());
    }

    private static NewAgentEvent Event(string type, object payload, RunId run) => new(type, JsonSerializer.SerializeToElement(payload), RunId: run);
}
