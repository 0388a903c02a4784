using System.Text.Json;
using System.Threading.Channels;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Schema;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Tests.Client;

public class AgentRunTests
{
    private static readonly ThreadId Thread = new("thread_1");

    private readonly SteppedClock _clock = new();
    private readonly List<NewAgentEvent> _events = [];
    private readonly Channel<StreamItem> _thread = Channel.CreateUnbounded<StreamItem>();
    private readonly List<AgentRun> _ended = [];
    private int _heartbeats;
    private Func<NewAgentEvent, Task<PublishResult>>? _answer;

    [Fact]
    public async Task A_run_is_started_and_completed_once()
    {
        AgentRun run = NewRun();
        await run.ThinkAsync("hm", 1, 2, 0.5);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await run.CompleteAsync(new { Answer = 42 }, "done", new { InputTokens = 5 });
        await run.DisposeAsync();
        Assert.Equal(["agent_started", "agent_thinking", "agent_completed"], Types());
        AgentCompleted completed = Payload<AgentCompleted>(2);
        Assert.Equal(RunStatus.Success, completed.Status);
        Assert.Equal(3000, completed.DurationMs);
        Assert.Equal(42, completed.Result!.Value.GetProperty("answer").GetInt32());
        Assert.Equal(5, completed.Usage!["input_tokens"]!.GetValue<int>());
        Assert.All(_events, e => Assert.StartsWith("evt_", e.EventId));
        Assert.Equal(_events.Count, _events.Select(e => e.EventId).Distinct().Count());
        Assert.Equal([run], _ended);
    }

    [Fact]
    public async Task Every_event_is_valid_by_the_contract()
    {
        AgentRun run = NewRun();
        await run.ToolAsync("search", new { Query = "x" }, _ => Task.FromResult(new { Hits = 2 }), "look it up");
        await run.ToolAsync("none", null, _ => Task.CompletedTask);
        await run.ErrorAsync("llm_timeout", "slow");
        await run.ProgressAsync(1);
        await run.StreamMessageAsync(Deltas("a", "b"));
        await run.CompleteAsync();
        foreach (NewAgentEvent e in _events)
        {
            Assert.True(ContractCatalog.Agents.TryGet(e.Type, out EventDefinition? definition));
            Assert.True(definition.TryRead(e.Payload, out _, out HubError? error), error?.Message);
        }
    }

    [Fact]
    public async Task A_tool_that_throws_is_closed_as_error_and_rethrown()
    {
        AgentRun run = NewRun();
        await Assert.ThrowsAsync<TimeoutException>(() => run.ToolAsync<int>("search", null, _ => throw new TimeoutException("too slow")));
        await run.DisposeAsync();
        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_completed"], Types());
        Assert.Equal((ToolStatus.Error, "too slow"), (Payload<ToolCompleted>(2).Status, Payload<ToolCompleted>(2).Error));
        Assert.Equal(RunStatus.Failed, Payload<AgentCompleted>(3).Status);
    }

    [Fact]
    public async Task Parallel_tools_are_closed_one_by_one_and_an_ending_run_abandons_the_rest()
    {
        AgentRun run = NewRun();
        TaskCompletionSource<int> first = new();
        TaskCompletionSource<int> second = new();
        Task<int> a = run.ToolAsync("a", null, _ => first.Task);
        Task<int> b = run.ToolAsync("b", null, _ => second.Task);
        first.SetResult(1);
        Assert.Equal(1, await a);
        await run.CompleteAsync();
        second.SetResult(2);
        Assert.Equal(2, await b);
        Assert.Equal(["agent_started", "tool_executing", "tool_executing", "tool_completed", "tool_completed", "agent_completed"], Types());
        Assert.Equal((ToolStatus.Ok, "a"), (Payload<ToolCompleted>(3).Status, Payload<ToolCompleted>(3).ToolName));
        Assert.Equal((ToolStatus.Abandoned, "b"), (Payload<ToolCompleted>(4).Status, Payload<ToolCompleted>(4).ToolName));
    }

    [Fact]
    public async Task A_cancelled_run_ends_as_cancelled()
    {
        using CancellationTokenSource cancel = new();
        AgentRun run = NewRun(cancel.Token);
        Task tool = run.ToolAsync("wait", null, ct => Task.Delay(Timeout.InfiniteTimeSpan, _clock, ct));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tool);
        await run.DisposeAsync();
        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_completed"], Types());
        Assert.Equal(ToolStatus.Abandoned, Payload<ToolCompleted>(2).Status);
        Assert.Equal(RunStatus.Cancelled, Payload<AgentCompleted>(3).Status);
    }

    [Fact]
    public async Task Nothing_is_published_after_the_end()
    {
        AgentRun run = NewRun();
        await run.FailAsync("broken");
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.ThinkAsync("late"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.CompleteAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.ToolAsync("late", null, _ => Task.FromResult(1)));
        await run.DisposeAsync();
        await run.DisposeAsync();
        Assert.Equal(["agent_started", "agent_completed"], Types());
    }

    [Fact]
    public async Task A_result_the_hub_refuses_still_ends_the_run()
    {
        _answer = e => e.Type == "agent_completed" && e.Payload.TryGetProperty("final_response", out _)
            ? Task.FromException<PublishResult>(new HubClientException(new HubError(ErrorCodes.PayloadTooLarge, "too large")))
            : Ok(e);
        AgentRun run = NewRun();
        await Assert.ThrowsAsync<HubClientException>(() => run.CompleteAsync(finalResponse: "long"));
        Assert.Equal(["agent_started", "agent_completed", "agent_completed"], Types());
        Assert.Equal(RunStatus.Failed, Payload<AgentCompleted>(2).Status);
    }

    [Fact]
    public async Task A_large_result_tells_its_size_only()
    {
        AgentRun run = NewRun();
        string large = await run.ToolAsync("read", null, _ => Task.FromResult(new string('x', 100_000)));
        await run.CompleteAsync(large);
        Assert.Equal(100_002, Payload<ToolCompleted>(2).Result!.Value.GetProperty("bytes").GetInt32());
        Assert.Equal(100_002, Payload<AgentCompleted>(3).Result!.Value.GetProperty("bytes").GetInt32());
    }

    [Fact]
    public async Task Deltas_that_queue_up_are_joined_and_nothing_is_lost_or_reordered()
    {
        Channel<string> source = Channel.CreateUnbounded<string>();
        Channel<TaskCompletionSource<PublishResult>> flights = Channel.CreateUnbounded<TaskCompletionSource<PublishResult>>();
        _answer = e =>
        {
            if (e.Type != "agent_streaming")
            {
                return Ok(e);
            }

            TaskCompletionSource<PublishResult> flight = new(TaskCreationOptions.RunContinuationsAsynchronously);
            flights.Writer.TryWrite(flight);
            return flight.Task;
        };
        AgentRun run = NewRun();
        Task<string> message = run.StreamMessageAsync(source.Reader.ReadAllAsync(), "msg_1");
        source.Writer.TryWrite("Hel");
        TaskCompletionSource<PublishResult> first = await flights.Reader.ReadAsync();
        source.Writer.TryWrite("lo, ");
        source.Writer.TryWrite("wor");
        source.Writer.TryWrite("ld");
        source.Writer.Complete();
        while (source.Reader.Count > 0)
        {
            await Task.Yield();
        }

        first.SetResult(new PublishResult());
        (await flights.Reader.ReadAsync()).SetResult(new PublishResult());
        Assert.Equal("Hello, world", await message);
        Assert.Equal(["agent_started", "agent_streaming", "agent_streaming", "agent_message"], Types());
        Assert.Equal([("Hel", 0L), ("lo, world", 1L)], [(Payload<AgentStreaming>(1).Delta, Payload<AgentStreaming>(1).StreamIndex), (Payload<AgentStreaming>(2).Delta, Payload<AgentStreaming>(2).StreamIndex)]);
        Assert.Equal("Hello, world", Payload<AgentMessage>(3).Text);
    }

    [Fact]
    public async Task A_delta_does_not_wait_for_the_next_one()
    {
        Channel<string> source = Channel.CreateUnbounded<string>();
        AgentRun run = NewRun();
        Task<string> message = run.StreamMessageAsync(source.Reader.ReadAllAsync());
        foreach (string word in new[] { "one ", "two ", "three" })
        {
            source.Writer.TryWrite(word);
            while (!Events().Any(e => e.Type == "agent_streaming" && e.Payload.GetProperty("delta").GetString() == word))
            {
                await Task.Yield();
            }
        }

        source.Writer.Complete();
        Assert.Equal("one two three", await message);
    }

    [Fact]
    public async Task A_failing_source_publishes_no_message()
    {
        AgentRun run = NewRun();
        await Assert.ThrowsAsync<IOException>(() => run.StreamMessageAsync(Broken()));
        Assert.DoesNotContain("agent_message", Types());

        static async IAsyncEnumerable<string> Broken()
        {
            yield return "a";
            await Task.Yield();
            throw new IOException();
        }
    }

    [Fact]
    public async Task Waits_for_the_input_that_answers_its_own_request()
    {
        AgentRun run = NewRun();
        Task<JsonElement> answer = run.RequestInputAsync("Name?", new { Type = "string" });
        string id = Payload<InputRequested>(1).RequestId;
        _thread.Writer.TryWrite(Provided("req_other", "no"));
        _thread.Writer.TryWrite(Provided(id, "Ada"));
        Assert.Equal("Ada", (await answer).GetString());
    }

    [Fact]
    public async Task An_input_that_nobody_gives_times_out()
    {
        AgentRun run = NewRun();
        Task<JsonElement> answer = run.RequestInputAsync("Name?", expiresIn: TimeSpan.FromMinutes(1));
        Assert.Equal(_clock.GetUtcNow().AddMinutes(1), Payload<InputRequested>(1).ExpiresAt);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<TimeoutException>(() => answer);
    }

    [Fact]
    public async Task An_input_that_the_hub_closed_times_out_whatever_the_own_clock_says()
    {
        AgentRun run = NewRun();
        Task<JsonElement> answer = run.RequestInputAsync("Name?", expiresIn: TimeSpan.FromMinutes(1));
        _thread.Writer.TryWrite(Provided(Payload<InputRequested>(1).RequestId, null, expired: true));
        await Assert.ThrowsAsync<TimeoutException>(() => answer);
    }

    [Fact]
    public async Task A_quiet_run_sends_heartbeats_until_it_ends()
    {
        AgentRun run = NewRun();
        await run.ThinkAsync("hm");
        _clock.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(0, _heartbeats);
        _clock.Advance(TimeSpan.FromSeconds(41));
        Assert.Equal(3, _heartbeats);
        await run.CompleteAsync();
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(3, _heartbeats);
    }

    [Fact]
    public async Task A_run_that_the_hub_closed_is_cancelled_and_silent()
    {
        _answer = e => e.Type == "agent_thinking"
            ? Task.FromException<PublishResult>(new HubClientException(new HubError(ErrorCodes.RunClosed, "the lease ended")))
            : Ok(e);
        AgentRun run = NewRun();
        TaskCompletionSource fired = new();
        run.Cancelled.Register(fired.SetResult);
        await Assert.ThrowsAsync<HubClientException>(() => run.ThinkAsync("hm"));
        await fired.Task;
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.CompleteAsync());
        await run.DisposeAsync();
        Assert.Equal(["agent_started", "agent_thinking"], Types());
    }

    [Fact]
    public void Run_events_cannot_be_published_by_hand()
    {
        AgentRun run = NewRun();
        Assert.Throws<ArgumentException>(() => { _ = run.PublishAsync(new AgentCompleted(RunStatus.Success, 0)); });
        Assert.Throws<ArgumentException>(() => { _ = run.PublishAsync(new { Anything = 1 }); });
    }

    private AgentRun NewRun(CancellationToken cancellationToken = default) => new(
        new RunPort(
            (_, e) =>
            {
                lock (_events)
                {
                    _events.Add(e);
                }

                return (_answer ?? Ok)(e);
            },
            (_, _) =>
            {
                _heartbeats++;
                return Task.FromResult(new LeaseResult());
            },
            (_, _, ct) => _thread.Reader.ReadAllAsync(ct),
            _ended.Add,
            _clock,
            TimeSpan.FromSeconds(20),
            NullLoggerFactory.Instance),
        Thread,
        RunId.New(),
        new RunStart("guide"),
        cancellationToken);

    private static Task<PublishResult> Ok(NewAgentEvent e) => Task.FromResult(new PublishResult { EventId = e.EventId, Epoch = "e1", Seq = 1 });

    private static AgentStreamEvent Provided(string requestId, string? value, bool? expired = null)
    {
        JsonElement payload = JsonSerializer.SerializeToElement(new { request_id = requestId, value, expired });
        return new AgentStreamEvent(new StreamPosition("e1", 1), new AgentEvent<JsonElement>(1, "input_provided", "evt_1", Thread, 1, "e1", default, payload));
    }

    private static async IAsyncEnumerable<string> Deltas(params string[] deltas)
    {
        foreach (string delta in deltas)
        {
            await Task.Yield();
            yield return delta;
        }
    }

    private NewAgentEvent[] Events()
    {
        lock (_events)
        {
            return [.. _events];
        }
    }

    private string[] Types() => [.. Events().Select(e => e.Type)];

    private T Payload<T>(int index) => Events()[index].Payload.Deserialize<T>(ContractJson.Options)!;
}
