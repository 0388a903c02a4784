using HubService.Client;
using HubService.Client.AI;
using HubService.Contracts;
using HubService.Contracts.Agents;
using Microsoft.Extensions.AI;
using static HubService.Tests.Client.AI.ScriptedModel;

namespace HubService.Tests.Client.AI;

/// <summary>A run that a model answers from its first event to its last.</summary>
public class AnswerTests
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "Shout hi")];

    [Fact]
    public async Task The_last_message_and_the_usage_complete_the_run()
    {
        await using RecordedRun recorded = new();
        ScriptedModel model = new([Say("One moment."), Call("c1", "shout", "hi"), Used(10, 5)], [Say("HI."), Used(20, 3)]);

        ChatResponse response = await recorded.Run.AnswerAsync(Invoking(model), Question, Shout(), r => new { messages = r.Messages.Count });

        AgentCompleted completed = Assert.Single(recorded.Payloads<AgentCompleted>());
        Assert.Equal((RunStatus.Success, "HI."), (completed.Status, completed.FinalResponse));
        Assert.Equal((30, 8, 38), (Count("input_tokens"), Count("output_tokens"), Count("total_tokens")));
        Assert.Equal(response.Messages.Count, completed.Result!.Value.GetProperty("messages").GetInt32());
        Assert.Equal("agent_completed", recorded.Types[^1]);

        int Count(string name) => completed.Usage![name]!.GetValue<int>();
    }

    [Fact]
    public async Task A_model_that_counts_nothing_gives_no_usage()
    {
        await using RecordedRun recorded = new();
        await recorded.Run.AnswerAsync(new ScriptedModel([Say("hi")]), Question);
        Assert.Null(Assert.Single(recorded.Payloads<AgentCompleted>()).Usage);
    }

    [Fact]
    public async Task A_model_that_fails_fails_the_run()
    {
        await using RecordedRun recorded = new();
        ScriptedModel model = new([Say("x")]) { Before = (_, _) => throw new HttpRequestException("503") };

        await Assert.ThrowsAsync<HttpRequestException>(() => recorded.Run.AnswerAsync(model, Question));

        Assert.Equal((ClientErrorCodes.ModelFailed, false), recorded.Payloads<AgentError>().Select(e => (e.Code, e.Recoverable)).Single());
        Assert.Equal(RunStatus.Failed, Assert.Single(recorded.Payloads<AgentCompleted>()).Status);
    }

    [Fact]
    public async Task What_fails_around_the_model_is_not_the_models_failure()
    {
        await using RecordedRun recorded = new();

        await Assert.ThrowsAsync<FormatException>(() => recorded.Run.AnswerAsync(new ScriptedModel([Say("x")]), Question, result: _ => throw new FormatException("not a number")));

        Assert.Equal(ClientErrorCodes.AgentFailed, Assert.Single(recorded.Payloads<AgentError>()).Code);
        Assert.Equal(RunStatus.Failed, Assert.Single(recorded.Payloads<AgentCompleted>()).Status);
    }

    [Theory]
    [InlineData("agent_message")]
    [InlineData("tool_executing")]
    public async Task An_event_that_the_hub_refuses_is_not_the_models_failure(string type)
    {
        await using RecordedRun recorded = new();
        recorded.Before = e =>
        {
            if (e.Type == type)
            {
                throw new HubClientException(new HubError(ErrorCodes.PayloadTooLarge, "too large"));
            }
        };
        IChatClient chat = new FunctionInvokingChatClient(new ScriptedModel([Call("c1", "shout", "hi")], [Say("HI.")])) { MaximumConsecutiveErrorsPerRequest = 0 };

        await Assert.ThrowsAsync<HubClientException>(() => recorded.Run.AnswerAsync(chat, Question, Shout()));

        Assert.Equal(ClientErrorCodes.AgentFailed, Assert.Single(recorded.Payloads<AgentError>()).Code);
        Assert.Equal(RunStatus.Failed, Assert.Single(recorded.Payloads<AgentCompleted>()).Status);
    }

    [Fact]
    public async Task The_steps_are_told_unless_that_is_not_wanted()
    {
        await using RecordedRun told = new(), quiet = new();
        await told.Run.AnswerAsync(new ScriptedModel([Say("hi")]), Question);
        await quiet.Run.AnswerAsync(new ScriptedModel([Say("hi")]), Question, tellSteps: false);
        Assert.Single(told.Payloads<AgentThinking>());
        Assert.Empty(quiet.Payloads<AgentThinking>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_cancels_the_run_ends_as_cancelled(bool byUser)
    {
        using CancellationTokenSource user = new(), caller = new();
        await using RecordedRun recorded = new(cancellationToken: user.Token);
        ScriptedModel model = new([Say("x"), Say("y")])
        {
            Before = async (_, cancelled) =>
            {
                await (byUser ? user : caller).CancelAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => recorded.Run.AnswerAsync(model, Question, cancellationToken: caller.Token));

        Assert.Equal(RunStatus.Cancelled, Assert.Single(recorded.Payloads<AgentCompleted>()).Status);
        Assert.Empty(recorded.Payloads<AgentError>());
    }

    [Fact]
    public async Task A_real_hub_takes_the_whole_run_and_a_user_sees_it()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using AgentClient worker = await host.WorkerAsync();
        await using AgentClient user = await host.UserAsync();
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(60));
        IChatClient chat = Invoking(new ScriptedModel([Think("Loud."), Call("c1", "shout", "hi"), Used(3, 1)], [Say("HI"), Say("."), Used(4, 2)]));
        Task serving = worker.ServeAsync(["shouter"], 1, (work, ct) => work.Run.AnswerAsync(chat, [new(ChatRole.User, work.Text)], Shout(), cancellationToken: ct), stop.Token);
        MessageAccepted sent = await user.AskAsync("hi", "shouter", stop.Token);
        List<AgentStreamEvent> run = await user.RunAsync(sent, stop.Token);

        Assert.Equal(
            ["agent_started", "agent_thinking", "agent_thinking", "tool_executing", "tool_completed", "agent_thinking", "agent_message", "agent_completed"],
            run.Select(e => e.Type).Where(t => t != "agent_streaming"));
        Assert.Equal(("HI.", 7), (run[^1].As<AgentCompleted>()!.FinalResponse, run[^1].As<AgentCompleted>()!.Usage!["input_tokens"]!.GetValue<int>()));
        await stop.CancelAsync();
        await serving;
    }

    private static IChatClient Invoking(IChatClient model) => model.AsBuilder().UseFunctionInvocation().Build();

    private static ChatOptions Shout() => new() { Tools = [AIFunctionFactory.Create((string text) => text.ToUpperInvariant(), "shout")] };
}
