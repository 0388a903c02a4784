using HubService.Client;
using HubService.Client.AI;
using HubService.Contracts;
using HubService.Contracts.Agents;
using Microsoft.Extensions.AI;
using static HubService.Tests.Client.AI.ScriptedModel;

namespace HubService.Tests.Client.AI;

public sealed class RunChatClientTests : IAsyncDisposable
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "How loud?")];

    private readonly SteppedClock _clock = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly RecordedRun _recorded;
    private Func<string, CancellationToken, Task<string>> _shout = (text, _) => Task.FromResult(text.ToUpperInvariant());

    public RunChatClientTests() => _recorded = new RecordedRun(_clock, _cancel.Token);

    public async ValueTask DisposeAsync()
    {
        await _recorded.DisposeAsync();
        _cancel.Dispose();
    }

    [Fact]
    public async Task A_streamed_answer_with_a_tool_is_shown_in_order()
    {
        _shout = (text, _) =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1500));
            return Task.FromResult(text.ToUpperInvariant());
        };
        ScriptedModel model = new(
            [Think("Loud"), Think(" it is."), Say("Let me"), Say(" shout."), Call("c1", "shout", "hi"), Used(10, 5)],
            [Say("I said "), Say("HI."), Used(20, 3)]);
        using RunChatClient chat = Invoking(model).ReportTo(_recorded.Run);

        ChatResponse response = await chat.GetStreamingResponseAsync(Question, Tools()).ToChatResponseAsync();

        Assert.Equal(
            ["agent_started", "agent_thinking", "agent_thinking", "agent_message", "tool_executing", "tool_completed", "agent_thinking", "agent_message"],
            _recorded.TypesWithoutDeltas);
        Assert.Equal(["I ask the model.", "Loud it is.", "I give the results to the model."], _recorded.Payloads<AgentThinking>().Select(t => t.Thought));
        Assert.Equal([1, null, 2], _recorded.Payloads<AgentThinking>().Select(t => t.Step));
        Assert.Equal(["Let me shout.", "I said HI."], _recorded.Payloads<AgentMessage>().Select(m => m.Text));
        Assert.Equal("Let me shout.I said HI.", string.Concat(_recorded.Payloads<AgentStreaming>().Select(s => s.Delta)));
        ToolExecuting call = Assert.Single(_recorded.Payloads<ToolExecuting>());
        ToolCompleted result = Assert.Single(_recorded.Payloads<ToolCompleted>());
        Assert.Equal(("shout", "hi", "Says it louder."), (call.ToolName, call.Parameters!["text"]!.GetValue<string>(), call.Purpose));
        Assert.Equal((call.ToolCallId, ToolStatus.Ok, 1500d, "HI"), (result.ToolCallId, result.Status, result.DurationMs, result.Result!.Value.GetString()));
        Assert.Equal((30, 8), (chat.Usage.InputTokenCount, chat.Usage.OutputTokenCount));
        Assert.EndsWith("I said HI.", response.Text, StringComparison.Ordinal);
        Assert.Equal("HI", model.Requests[1].Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().Result?.ToString());
    }

    [Fact]
    public async Task An_answer_in_one_piece_is_shown_in_order_too()
    {
        ScriptedModel model = new([Call("c1", "shout", "hi"), Call("c2", "shout", "ho"), Used(1, 1)], [Think("Good."), Say("HI HO."), Used(2, 2)]);
        using RunChatClient chat = Invoking(model).ReportTo(_recorded.Run, tellSteps: false);

        ChatResponse response = await chat.GetResponseAsync(Question, Tools());

        Assert.Equal("HI HO.", response.Text);
        Assert.Equal(
            ["agent_started", "tool_executing", "tool_completed", "tool_executing", "tool_completed", "agent_thinking", "agent_message"], _recorded.Types);
        Assert.Equal((3, 3), (chat.Usage.InputTokenCount, chat.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task A_step_is_told_once_for_all_the_tools_of_a_round()
    {
        ScriptedModel model = new([Call("c1", "shout", "hi"), Call("c2", "shout", "ho")], [Say("HI HO.")]);

        await Invoking(model).ReportTo(_recorded.Run).GetStreamingResponseAsync(Question, Tools()).ToChatResponseAsync();

        Assert.Equal(["I ask the model.", "I give the results to the model."], _recorded.Payloads<AgentThinking>().Select(t => t.Thought));
        Assert.Equal(2, _recorded.Payloads<ToolCompleted>().Count());
    }

    [Fact]
    public async Task Tools_at_the_same_time_are_pairs_of_their_own()
    {
        TaskCompletionSource<string> first = new(), second = new();
        _shout = (text, _) =>
        {
            (text == "b" ? second : first).SetResult(text);
            return Task.WhenAll(first.Task, second.Task).ContinueWith(t => text, TaskScheduler.Default);
        };
        ScriptedModel model = new([Call("same", "shout", "a"), Call("other", "shout", "b")], [Say("done")]);
        IChatClient invoking = new FunctionInvokingChatClient(model) { AllowConcurrentInvocation = true };

        await invoking.ReportTo(_recorded.Run, tellSteps: false).GetResponseAsync(Question, Tools());

        Assert.Equal(["agent_started", "tool_executing", "tool_executing", "tool_completed", "tool_completed", "agent_message"], _recorded.Types);
        Assert.Equal(
            _recorded.Payloads<ToolExecuting>().Select(t => t.ToolCallId).Order(), _recorded.Payloads<ToolCompleted>().Select(t => t.ToolCallId).Order());
    }

    [Fact]
    public async Task A_tool_that_throws_is_shown_as_an_error_and_the_model_goes_on()
    {
        _shout = (_, _) => throw new IOException("no voice");
        ScriptedModel model = new([Call("c1", "shout", "hi")], [Say("I could not.")]);

        ChatResponse response = await Invoking(model).ReportTo(_recorded.Run).GetStreamingResponseAsync(Question, Tools()).ToChatResponseAsync();

        ToolCompleted failed = Assert.Single(_recorded.Payloads<ToolCompleted>());
        Assert.Equal((ToolStatus.Error, "no voice"), (failed.Status, failed.Error));
        Assert.EndsWith("I could not.", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_cancels_the_tool_and_the_model()
    {
        _shout = async (text, cancelled) =>
        {
            await _cancel.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
            return text;
        };
        ScriptedModel model = new([Call("c1", "shout", "hi")], [Say("never")]);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Invoking(model).ReportTo(_recorded.Run).GetStreamingResponseAsync(Question, Tools()).ToChatResponseAsync());

        Assert.Equal(ToolStatus.Abandoned, Assert.Single(_recorded.Payloads<ToolCompleted>()).Status);
        Assert.Single(model.Requests);
    }

    [Fact]
    public async Task A_model_that_breaks_off_leaves_no_whole_message()
    {
        ScriptedModel model = new([Say("I was about to"), Say(" say")]) { Before = (c, _) => c is TextContent { Text: " say" } ? throw new HttpRequestException("connection reset") : Task.CompletedTask };

        HttpRequestException broken = await Assert.ThrowsAsync<HttpRequestException>(
            () => model.ReportTo(_recorded.Run).GetStreamingResponseAsync(Question).ToChatResponseAsync());

        Assert.Equal("connection reset", broken.Message);
        Assert.Empty(_recorded.Payloads<AgentMessage>());
    }

    [Fact]
    public async Task An_event_that_the_hub_refuses_ends_the_request()
    {
        _recorded.Before = e =>
        {
            if (e.Type == "agent_message")
            {
                throw new HubClientException(new HubError(ErrorCodes.PayloadTooLarge, "too large"));
            }
        };
        ScriptedModel model = new([Say("very long")]);

        HubClientException refused = await Assert.ThrowsAsync<HubClientException>(
            () => model.ReportTo(_recorded.Run).GetStreamingResponseAsync(Question).ToChatResponseAsync());

        Assert.Equal(ErrorCodes.PayloadTooLarge, refused.Code);
    }

    /// <summary>Many runs share one client of the model.</summary>
    [Fact]
    public void The_inner_client_outlives_a_run()
    {
        ScriptedModel model = new();
        model.ReportTo(_recorded.Run).Dispose();
        Assert.False(model.Disposed);
    }

    [Fact]
    public async Task The_callers_options_and_functions_stay_as_they_are()
    {
        ChatOptions options = Tools();
        AITool before = options.Tools![0];
        using RunChatClient chat = Invoking(new ScriptedModel([Call("c1", "shout", "hi")], [Say("a")], [Say("b")])).ReportTo(_recorded.Run);

        await chat.GetResponseAsync(Question, options);
        await chat.ReportTo(_recorded.Run).GetResponseAsync(Question, options);

        Assert.Same(before, Assert.Single(options.Tools));
    }

    private static IChatClient Invoking(IChatClient model) => model.AsBuilder().UseFunctionInvocation().Build();

    private ChatOptions Tools() => new()
    {
        Tools = [AIFunctionFactory.Create((string text, CancellationToken cancelled) => _shout(text, cancelled), "shout", "Says it louder.")],
    };
}
