using System.Text.Json;
using System.Threading.Channels;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;

namespace HubService.Tests.Client;

public class WorkerTests
{
    private static readonly ThreadId Thread = new("thread_1");
    private static readonly StreamId Stream = StreamId.Thread(Thread);
    private static readonly ProjectId Project = new("p1");

    private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task A_worker_answers_a_message_in_a_run_with_the_hubs_id()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        using CancellationTokenSource stop = new();
        Task serving = client.ServeAsync(["guide"], 4, async (work, _) => await work.Run.MessageAsync($"You said: {work.Text}"), stop.Token);
        await Wait.Until(() => hub.Calls("ServeAgents") > 0);
        hub.Tell(StreamKind.Thread, "MessageReceived", new MessageRequest(new RunId("run_1"), Thread, "u1", "guide", "msg_1", "hi"));
        await Wait.Until(() => hub.Types(Stream).Length == 3);
        Assert.Equal(["agent_started", "agent_message", "agent_completed"], hub.Types(Stream));
        Assert.Equal("You said: hi", hub.Payload(Stream, 1).GetProperty("text").GetString());
        Assert.Equal("success", hub.Payload(Stream, 2).GetProperty("status").GetString());
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_handler_that_throws_fails_its_run()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        using CancellationTokenSource stop = new();
        Task serving = client.ServeAsync(["guide"], 1, (_, _) => throw new InvalidDataException("bad"), stop.Token);
        await Wait.Until(() => hub.Calls("ServeAgents") > 0);
        hub.Tell(StreamKind.Thread, "RunRequested", new RunRequest(new RunId("run_1"), Thread, "u1", "guide", "go"));
        await Wait.Until(() => hub.Types(Stream).Length == 3);
        Assert.Equal(["agent_started", "agent_error", "agent_completed"], hub.Types(Stream));
        Assert.Equal("failed", hub.Payload(Stream, 2).GetProperty("status").GetString());
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_cancel_request_reaches_the_handler_and_the_run_ends_as_cancelled()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        using CancellationTokenSource stop = new();
        Task serving = client.ServeAsync(
            ["guide"],
            1,
            async (work, ct) =>
            {
                await work.Run.ThinkAsync("long");
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            },
            stop.Token);
        await Wait.Until(() => hub.Calls("ServeAgents") > 0);
        hub.Tell(StreamKind.Thread, "RunRequested", new RunRequest(new RunId("run_1"), Thread, "u1", "guide", "go"));
        await Wait.Until(() => hub.Types(Stream).Length == 2);
        hub.Tell(StreamKind.Thread, "CancelRequested", new CancelRequest(new RunId("run_1"), Thread, "stop"));
        await Wait.Until(() => hub.Types(Stream).Length == 3);
        Assert.Equal("cancelled", hub.Payload(Stream, 2).GetProperty("status").GetString());
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_worker_registers_again_after_a_drop_and_its_run_goes_on()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        using CancellationTokenSource stop = new();
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = client.ServeAsync(
            ["guide"],
            1,
            async (work, _) =>
            {
                await work.Run.ThinkAsync("before");
                await go.Task;
                await work.Run.ThinkAsync("after");
            },
            stop.Token);
        await Wait.Until(() => hub.Calls("ServeAgents") > 0);
        hub.Tell(StreamKind.Thread, "RunRequested", new RunRequest(new RunId("run_1"), Thread, "u1", "guide", "go"));
        await Wait.Until(() => hub.Types(Stream).Length == 2);
        int before = hub.Calls("ServeAgents");
        hub.DropAll();
        go.SetResult();
        await Wait.Until(() => hub.Types(Stream).Length == 4);
        await Wait.Until(() => hub.Calls("ServeAgents") > before);
        Assert.Equal(["agent_started", "agent_thinking", "agent_thinking", "agent_completed"], hub.Types(Stream));
        await stop.CancelAsync();
        await serving;
    }

    /// <summary>The news of the first connection came after the registration that had made it, and was answered with a second one.</summary>
    [Fact]
    public async Task A_worker_registers_once_per_connection()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        using CancellationTokenSource stop = new();
        Task serving = client.ServeAsync(["guide"], 1, (_, _) => Task.CompletedTask, stop.Token);
        await Wait.Until(() => hub.Calls("ServeAgents") > 0);
        hub.DropAll();
        await Wait.Until(() => hub.Calls("ServeAgents") > 1);
        await client.PingAsync();
        Assert.Equal(2, hub.Calls("ServeAgents"));
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_refused_registration_ends_serving_with_the_hubs_error()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.Before = (_, _) => Task.FromResult<HubError?>(new HubError(ErrorCodes.Forbidden, "not a worker"));
        await using AgentClient client = new(hub.Options());
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<HubClientException>(() => client.ServeAsync(["guide"], 1, (_, _) => Task.CompletedTask))).Code);
    }

    [Fact]
    public async Task Disposing_the_client_ends_serving()
    {
        await using TestHub hub = await TestHub.StartAsync();
        AgentClient client = new(hub.Options());
        Task serving = client.ServeAsync(["guide"], 1, (_, _) => Task.CompletedTask);
        await Wait.Until(() => hub.Calls("ServeAgents") > 0);
        await client.DisposeAsync();
        Assert.Equal(ClientErrorCodes.NotConnected, (await Assert.ThrowsAsync<HubClientException>(() => serving)).Code);
    }

    [Fact]
    public async Task Disposing_the_client_ends_its_open_runs()
    {
        await using TestHub hub = await TestHub.StartAsync();
        AgentClient client = new(hub.Options());
        AgentRun run = await client.StartRunAsync(Thread, "guide", "a task");
        await client.DisposeAsync();
        Assert.Equal(["agent_started", "agent_completed"], hub.Types(Stream));
        Assert.True(run.Ended);
    }

    [Fact]
    public async Task An_answer_that_comes_at_once_reaches_the_run_that_asked()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        await using AgentRun run = await client.StartRunAsync(Thread, "guide");
        Task<JsonElement> answer = run.RequestInputAsync("Name?");
        await Wait.Until(() => hub.Types(Stream).Length == 2);
        string id = hub.Payload(Stream, 1).GetProperty("request_id").GetString()!;
        hub.Append(Stream, "input_provided", JsonSerializer.SerializeToElement(new { request_id = id, value = "Ada" }));
        Assert.Equal("Ada", (await answer).GetString());
        await run.CompleteAsync();
    }

    [Fact]
    public async Task A_message_gets_an_id_so_that_a_retry_is_safe()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        Assert.StartsWith("msg_", (await client.SendMessageAsync("hi")).MessageId);
    }

    [Fact]
    public async Task A_project_worker_runs_one_stage_at_a_time_and_answers_commands()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using ProjectClient client = new(hub.Options());
        using CancellationTokenSource stop = new();
        Task serving = client.ServeAsync(["*"], new Pipeline(_seen.Writer), stop.Token);
        await Wait.Until(() => hub.Calls("ServeProjects") > 0);

        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "TRAIN", "confirmed"));
        Assert.Equal("TRAIN started", await _seen.Reader.ReadAsync());
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "PREPROCESS", "restarted"));
        Assert.Equal("TRAIN cancelled", await _seen.Reader.ReadAsync());
        Assert.Equal("PREPROCESS started", await _seen.Reader.ReadAsync());
        hub.Stage = new StageState("PREPROCESS", 3, "IN_PROGRESS", "");
        hub.Tell(StreamKind.Project, "CancelRequested", new ProjectCancelRequest(Project, null, "u1"));
        Assert.Equal("PREPROCESS cancelled", await _seen.Reader.ReadAsync());
        await Wait.Until(() => hub.Calls("SetStage") == 1);
        Assert.Equal(["p1", "PREPROCESS", "FAILED", "Cancelled", null], hub.LastCall("SetStage"));

        hub.Tell(StreamKind.Project, "CommandReceived", new CommandRequest(Project, "cmd_1", "double", new() { ["n"] = 21 }, "u1"));
        await Wait.Until(() => hub.Calls("CompleteCommand") == 1);
        Assert.Equal(42, ((JsonElement)hub.LastCall("CompleteCommand")[1]!).GetInt32());
        hub.Tell(StreamKind.Project, "CommandReceived", new CommandRequest(Project, "cmd_2", "fail", null, "u1"));
        await Wait.Until(() => hub.Calls("CompleteCommand") == 2);
        Assert.Equal(ErrorCodes.Internal, ((HubError)hub.LastCall("CompleteCommand")[2]!).Code);

        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "EXPORT", "confirmed"));
        await Wait.Until(() => hub.Calls("SetStage") == 2);
        Assert.Equal(["p1", "EXPORT", "FAILED", "no disk", null], hub.LastCall("SetStage"));
        await stop.CancelAsync();
        await serving;
    }

    /// <summary>A stage that was cancelled while the one before it was still ending never ran, and nobody said that it had failed.</summary>
    [Fact]
    public async Task A_stage_cancelled_while_it_waits_for_the_one_before_is_reported_as_failed()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using ProjectClient client = new(hub.Options());
        using CancellationTokenSource stop = new();
        Slow worker = new(_seen.Writer);
        Task serving = client.ServeAsync(["*"], worker, stop.Token);
        await Wait.Until(() => hub.Calls("ServeProjects") > 0);
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "TRAIN", "restarted", 1));
        Assert.Equal("attempt 1", await _seen.Reader.ReadAsync());
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "TRAIN", "restarted", 2));
        hub.Tell(StreamKind.Project, "CancelRequested", new ProjectCancelRequest(Project, null, "u1", 2));
        await Wait.Until(() => hub.Calls("SetStage") == 1);
        Assert.Equal(["p1", "TRAIN", "FAILED", "Cancelled", 2], hub.LastCall("SetStage"));

        // The next one still waits for the one that has not ended.
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "TRAIN", "restarted", 3));
        worker.GoOn.SetResult();
        Assert.Equal("attempt 1 ended", await _seen.Reader.ReadAsync());
        Assert.Equal("attempt 3", await _seen.Reader.ReadAsync());
        Assert.Equal("attempt 3 ended", await _seen.Reader.ReadAsync());
        await stop.CancelAsync();
        await serving;
        Assert.Equal(1, hub.Calls("SetStage"));
    }

    /// <summary>A stage that was restarted while its worker was away was handed to it as resumed, and the worker went on with the attempt that had ended.</summary>
    [Fact]
    public async Task What_is_resumed_under_a_newer_number_is_begun_anew()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using ProjectClient client = new(hub.Options());
        using CancellationTokenSource stop = new();
        Task serving = client.ServeAsync(["*"], new Pipeline(_seen.Writer), stop.Token);
        await Wait.Until(() => hub.Calls("ServeProjects") > 0);
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "TRAIN", "restarted", 1));
        Assert.Equal("TRAIN started", await _seen.Reader.ReadAsync());
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "TRAIN", "resumed", 1));
        hub.Tell(StreamKind.Project, "StageRequested", new StageRequest(Project, "PREPROCESS", "resumed", 2));
        Assert.Equal("TRAIN cancelled", await _seen.Reader.ReadAsync());
        Assert.Equal("PREPROCESS started", await _seen.Reader.ReadAsync());
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_project_subscription_greets_and_resumes()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using ProjectClient client = new(hub.Options());
        await client.PublishAsync(Project, "LOG_LINE", new { Message = "a" });
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Project, StreamPosition.Start).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        Assert.Equal("HELLO", Assert.IsType<ProjectGreeting>(items.Current).Name);
        Assert.True(await items.MoveNextAsync());
        Assert.Equal("LOG_LINE", Assert.IsType<ProjectStreamEvent>(items.Current).Name);
        hub.DropAll();
        await client.PublishAsync(Project, "LOG_LINE", new { Message = "b" });
        Assert.True(await items.MoveNextAsync());
        Assert.IsType<ProjectGreeting>(items.Current);
        while (items.Current is ProjectGreeting)
        {
            Assert.True(await items.MoveNextAsync());
        }

        Assert.Equal(new StreamPosition("e1", 2), items.Current.Position);
    }

    /// <summary>Ends its first attempt only when told to, whatever was cancelled meanwhile.</summary>
    private sealed class Slow(ChannelWriter<string> seen) : IProjectWorker
    {
        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task RunStageAsync(StageWork work, CancellationToken cancellationToken)
        {
            seen.TryWrite($"attempt {work.Attempt}");
            await GoOn.Task;
            seen.TryWrite($"attempt {work.Attempt} ended");
        }
    }

    private sealed class Pipeline(ChannelWriter<string> seen) : IProjectWorker
    {
        public async Task RunStageAsync(StageWork work, CancellationToken cancellationToken)
        {
            if (work.StageId == "EXPORT")
            {
                throw new IOException("no disk");
            }

            seen.TryWrite($"{work.StageId} started");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                seen.TryWrite($"{work.StageId} cancelled");
                throw;
            }
        }

        public Task<object?> CommandAsync(CommandRequest command, CancellationToken cancellationToken) => command.Name == "double"
            ? Task.FromResult<object?>(command.Args!["n"]!.GetValue<int>() * 2)
            : throw new InvalidOperationException("cannot");
    }
}
