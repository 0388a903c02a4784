using HubService.Client.AI;
using HubService.Contracts.Agents;
using Microsoft.Extensions.AI;
using static HubService.Tests.Client.AI.ScriptedModel;

namespace HubService.Tests.Client.AI;

/// <summary>Tools that nothing around the model invokes: the caller does, or the provider did.</summary>
public sealed class ObservedCallTests : IAsyncDisposable
{
    private readonly SteppedClock _clock = new();
    private readonly RecordedRun _recorded;

    public ObservedCallTests() => _recorded = new RecordedRun(_clock);

    public ValueTask DisposeAsync() => _recorded.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_the_caller_invokes_is_open_until_its_result_is_sent(bool streaming)
    {
        AIFunction shout = AIFunctionFactory.Create((string text) => text.ToUpperInvariant(), "shout");
        using RunChatClient chat = new ScriptedModel([Call("c1", "shout", "hi"), Call("c2", "unknown")], [Say("HI.")]).ReportTo(_recorded.Run, tellSteps: false);
        ChatOptions options = new() { Tools = [shout] };
        List<ChatMessage> conversation = [new(ChatRole.User, "Shout")];

        ChatResponse asked = await AskAsync(chat, conversation, options, streaming);
        Assert.Equal(["agent_started", "tool_executing", "tool_executing"], _recorded.Types);
        _clock.Advance(TimeSpan.FromSeconds(2));
        conversation.AddRange(asked.Messages);
        conversation.Add(new ChatMessage(ChatRole.Tool, [
            new FunctionResultContent("c1", "HI"),
            new FunctionResultContent("c2", "there is no such tool") { Exception = new KeyNotFoundException("unknown") },
        ]));
        await AskAsync(chat, conversation, options, streaming);

        ToolCompleted[] results = [.. _recorded.Payloads<ToolCompleted>()];
        Assert.Equal([ToolStatus.Ok, ToolStatus.Error], results.OrderBy(r => r.ToolName).Select(r => r.Status));
        Assert.All(results, r => Assert.Equal(2000, r.DurationMs));
        Assert.Equal(["agent_started", "tool_executing", "tool_executing", "tool_completed", "tool_completed", "agent_message"], _recorded.TypesWithoutDeltas);
    }

    /// <summary>
    /// Models repeat their call ids. All results of the conversation were read for an open call, so the second call of an id was
    /// completed with the result of the first, which stands before it.
    /// </summary>
    [Fact]
    public async Task The_second_call_with_an_id_gets_the_second_result()
    {
        AIFunction shout = AIFunctionFactory.Create((string text) => text.ToUpperInvariant(), "shout");
        using RunChatClient chat = new ScriptedModel([Call("c1", "shout", "hi")], [Call("c1", "shout", "ho")], [Say("HI HO.")]).ReportTo(_recorded.Run, tellSteps: false);
        ChatOptions options = new() { Tools = [shout] };
        List<ChatMessage> conversation = [new(ChatRole.User, "Shout")];
        foreach (string result in new[] { "HI", "HO" })
        {
            conversation.AddRange((await AskAsync(chat, conversation, options, streaming: true)).Messages);
            conversation.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", result)]));
        }

        await AskAsync(chat, conversation, options, streaming: true);

        Assert.Equal(["HI", "HO"], _recorded.Payloads<ToolCompleted>().Select(c => c.Result!.Value.GetString()));
    }

    [Fact]
    public async Task A_tool_that_the_provider_ran_is_shown_as_a_pair()
    {
        ScriptedModel model = new([Call("c1", "web_search", "weather"), new FunctionResultContent("c1", "rain"), Say("Rain.")]);

        await model.ReportTo(_recorded.Run, tellSteps: false).GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Weather?")]).ToChatResponseAsync();

        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_message"], _recorded.TypesWithoutDeltas);
        Assert.Equal("rain", Assert.Single(_recorded.Payloads<ToolCompleted>()).Result!.Value.GetString());
    }

    [Fact]
    public async Task A_function_that_only_the_invoker_knows_is_shown_once()
    {
        AIFunction shout = AIFunctionFactory.Create((string text) => text.ToUpperInvariant(), "shout");
        IChatClient invoking = new FunctionInvokingChatClient(new ScriptedModel([Call("c1", "shout", "hi")], [Say("HI.")])) { AdditionalTools = [shout] };

        await invoking.ReportTo(_recorded.Run, tellSteps: false).GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Shout")]).ToChatResponseAsync();

        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_message"], _recorded.TypesWithoutDeltas);
    }

    [Fact]
    public async Task What_nobody_answers_is_closed_with_the_run()
    {
        await new ScriptedModel([Call("c1", "shout", "hi")]).ReportTo(_recorded.Run, tellSteps: false).GetResponseAsync([new ChatMessage(ChatRole.User, "Shout")]);
        await _recorded.Run.CompleteAsync();

        Assert.Equal(ToolStatus.Abandoned, Assert.Single(_recorded.Payloads<ToolCompleted>()).Status);
        Assert.Equal("agent_completed", _recorded.Types[^1]);
    }

    private static Task<ChatResponse> AskAsync(RunChatClient chat, IEnumerable<ChatMessage> conversation, ChatOptions options, bool streaming) =>
        streaming ? chat.GetStreamingResponseAsync(conversation, options).ToChatResponseAsync() : chat.GetResponseAsync(conversation, options);
}
