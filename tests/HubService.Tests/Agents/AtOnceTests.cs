using System.Text.Json;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Streams;
using HubService.Tests.Cluster;
using HubService.Tests.Publishing;

namespace HubService.Tests.Agents;

/// <summary>
/// Events go out when the log has kept them, which the hub hears of afterwards. Who acted on what was just sent was told that a run that
/// had ended kept its worker busy, and that there was no such run or question.
/// </summary>
public class AtOnceTests
{
    private const string Started = """{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}}""";
    private const string Asked = """{"type":"input_requested","run_id":"run_1","payload":{"request_id":"r1","prompt":"Which?"}}""";
    private readonly Gate _gate = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_has_seen_a_run_end_can_ask_the_same_worker_again(bool sameThread)
    {
        await using HubHost host = await HubHost.StartAsync(_gate.Install());
        await using RawHubClient worker = await ServeAsync(host);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        JsonElement sent = await user.CallAsync("SendMessage", new { text = "one" });
        (string thread, string run) = (sent.Text("thread_id")!, sent.Text("run_id")!);
        await PublishAsync(worker, thread, Started.Replace("run_1", run, StringComparison.Ordinal));
        JsonElement again = await ActAsync(
            user,
            thread,
            "agent_completed",
            () => PublishAsync(worker, thread, $$$"""{"type":"agent_completed","run_id":"{{{run}}}","payload":{"status":"success","duration_ms":1}}"""),
            () => user.CallAsync("SendMessage", new { thread_id = sameThread ? thread : null, text = "two" }));
        Assert.NotNull(again.Text("run_id"));
    }

    [Fact]
    public async Task Who_has_seen_a_run_start_can_cancel_it()
    {
        await using HubHost host = await HubHost.StartAsync(_gate.Install());
        await using RawHubClient worker = await ServeAsync(host);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        string thread = await BeginAsync(user);
        Assert.Null((await ActAsync(user, thread, "agent_started", () => PublishAsync(worker, thread, Started), () => user.CallAsync("CancelRun", "run_1", null))).Code());
    }

    /// <summary>Agents choose the ids of their questions, so that another person may have been asked under the same one.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_has_seen_a_question_can_answer_it(bool anotherToo)
    {
        await using HubHost host = await HubHost.StartAsync(_gate.Install());
        await using RawHubClient worker = await ServeAsync(host);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        await using RawHubClient other = await RawHubClient.ConnectAsync(host, await host.TokenAsync("bob"));
        await (anotherToo ? PublishAsync(worker, await BeginAsync(other), Started, Asked) : Task.CompletedTask);
        string thread = await BeginAsync(user);
        await PublishAsync(worker, thread, Started);
        Assert.Null((await ActAsync(user, thread, "input_requested", () => PublishAsync(worker, thread, Asked), () => user.CallAsync("ProvideInput", "r1", "this"))).Code());
    }

    [Theory]
    [InlineData("agent_started", true)]
    [InlineData("agent_started", false)]
    [InlineData("input_requested", false)]
    public async Task Who_is_connected_to_another_node_can_do_so_too(string type, bool keptByMine)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        nodes.Log.Appended = _gate.Pass;
        await using RawHubClient worker = await ServeAsync(nodes.A);
        await using RawHubClient user = await RawHubClient.ConnectAsync(nodes.B, await nodes.B.TokenAsync("ada"));
        Keepers keeper = new(keptByMine ? nodes.NodeB : nodes.NodeA);
        string thread;
        do
        {
            thread = await BeginAsync(user);
        }
        while (!keeper.IsMine(new StreamKey("default", StreamKind.Thread, thread)));

        await (type == "agent_started" ? Task.CompletedTask : PublishAsync(worker, thread, Started));
        JsonElement done = await ActAsync(
            user,
            thread,
            type,
            () => PublishAsync(worker, thread, type == "agent_started" ? Started : Asked),
            () => type == "agent_started" ? user.CallAsync("CancelRun", "run_1", null) : user.CallAsync("ProvideInput", "r1", "this"));
        Assert.Null(done.Code());
    }

    [Fact]
    public async Task Who_has_seen_a_stage_start_can_cancel_it()
    {
        await using HubHost host = await HubHost.StartAsync(_gate.Install());
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync(), "project");
        await worker.CallAsync("ServeProjects", (object)new[] { "*" });
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        Assert.Null((await ActAsync(user, "p1", "STAGE_STATUS", () => worker.CallAsync("SetStage", "p1", "DATA_SOURCE", "IN_PROGRESS", "at it"), () => user.CallAsync("CancelRun", "p1"), "at it")).Code());
    }

    /// <summary>The value went to the older of two questions of one id, as long as the hub had not heard of the newer.</summary>
    [Fact]
    public async Task An_answer_that_names_no_thread_reaches_nobody_when_a_second_thread_has_just_asked()
    {
        await using HubHost host = await HubHost.StartAsync(_gate.Install());
        await using RawHubClient worker = await ServeAsync(host);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        await PublishAsync(worker, await BeginAsync(user), Started, Asked);
        string thread = await BeginAsync(user);
        await PublishAsync(worker, thread, Started);
        JsonElement answer = await ActAsync(user, thread, "input_requested", () => PublishAsync(worker, thread, Asked), () => user.CallAsync("ProvideInput", "r1", "this"));
        Assert.Equal(("invalid_message", "thread_id"), (answer.Code(), answer.Field()));
    }

    /// <summary>Who sent a message again while its new thread was told to its members was told that the worker was busy: it was, with that message.</summary>
    [Fact]
    public async Task A_message_that_is_sent_again_while_it_is_on_its_way_is_a_duplicate()
    {
        await using HubHost host = await HubHost.StartAsync(_gate.Install());
        await using RawHubClient worker = await ServeAsync(host);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        (_gate.Type, _gate.Kind) = ("thread_created", StreamKind.User);
        var message = new { text = "one", message_id = "m1" };
        Task<JsonElement>[] sent = [user.CallAsync("SendMessage", message), user.CallAsync("SendMessage", message)];
        try
        {
            await user.CallAsync("Ping", 0);
        }
        finally
        {
            _gate.Open();
        }

        JsonElement[] answers = await Task.WhenAll(sent);
        Assert.All(answers, a => Assert.Null(a.Code()));
        Assert.Single(answers, a => a.GetProperty("duplicate").GetBoolean());
    }

    /// <summary>A worker gets its run before the thread is begun; when that fails, it must be free again.</summary>
    [Fact]
    public async Task A_thread_that_could_not_be_begun_leaves_its_worker_free()
    {
        FaultyLog log = null!;
        await using HubHost host = await HubHost.StartAsync(FaultyLog.Install(l => log = l));
        await using RawHubClient worker = await ServeAsync(host);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        log.Refuses = e => e.Type == "thread_created";
        Assert.Equal("store_full", (await user.CallAsync("SendMessage", new { text = "one" })).Code());
        log.Refuses = null;
        Assert.NotNull((await user.CallAsync("SendMessage", new { text = "two" })).Text("run_id"));
    }

    /// <summary>All of them got the one free worker: between the choice and its note, the thread was begun.</summary>
    [Fact]
    public async Task Of_many_first_messages_that_come_together_a_worker_gets_as_many_as_it_can_take()
    {
        await using HubHost host = await HubHost.StartAsync(_gate.Install());
        await using RawHubClient worker = await ServeAsync(host);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        _gate.Type = "thread_created";
        Task<JsonElement>[] sent = [.. Enumerable.Range(0, 10).Select(i => user.CallAsync("SendMessage", new { text = $"{i}" }))];
        try
        {
            await user.CallAsync("Ping", 0);
        }
        finally
        {
            _gate.Open();
        }

        Assert.Single(await Task.WhenAll(sent), s => s.Text("run_id") is not null);
    }

    /// <summary>What the hub answers to who acts on an event of this type before the hub has heard that it was kept.</summary>
    /// <param name="text">What only this event has.</param>
    private async Task<JsonElement> ActAsync(RawHubClient user, string stream, string type, Func<Task<JsonElement>> publish, Func<Task<JsonElement>> act, string? text = null)
    {
        await user.CallAsync("Subscribe", stream);
        _gate.Type = type;
        Task<JsonElement> published = publish();
        Task<JsonElement> answer;
        try
        {
            await user.UntilAsync(m => m.GetRawText().Contains(text ?? $"\"{type}\"", StringComparison.Ordinal));
            answer = act();

            // Answered after the call before it has been looked at.
            await user.CallAsync("Ping", 0);
            Assert.False(answer.IsCompleted, answer.IsCompleted ? (await answer).GetRawText() : null);
        }
        finally
        {
            _gate.Open();
        }

        Assert.Null((await published).Code());
        return await answer;
    }

    private static async Task<RawHubClient> ServeAsync(HubHost host)
    {
        RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        await worker.CallAsync("ServeAgents", new[] { "guide" }, 1);
        return worker;
    }

    private static async Task<string> BeginAsync(RawHubClient user) => (await user.CallAsync("CreateThread", new { title = "t" })).Text("thread", "thread_id")!;

    private static Task<JsonElement> PublishAsync(RawHubClient worker, string thread, params string[] events) =>
        worker.CallRawAsync("Publish", $"""["{thread}",[{string.Join(',', events)}]]""");

    /// <summary>Between what the log has kept and the hub: holds back the news of events of one type.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string? Type { get; set; }

        /// <summary>Of which streams; null for all.</summary>
        public string? Kind { get; set; }

        public Action<WebApplicationBuilder> Install() => FaultyLog.Install(log => log.Appended = Pass);

        public Task Pass(StreamKey stream, IReadOnlyList<NewLogEvent> events) =>
            events.Any(e => e.Type == Type) && (Kind ?? stream.Kind) == stream.Kind ? _open.Task : Task.CompletedTask;

        public void Open() => _open.TrySetResult();
    }
}
