using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Tests.Client;
using HubService.Tests.Sqlite;

namespace HubService.Tests.Agents;

/// <summary>An agent asks a person, and only who may talk in the thread can answer.</summary>
public class InputTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task An_answer_goes_to_the_run_that_asked_and_the_request_is_open_only_once()
    {
        await using RawHubClient ada = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("ada"));
        await using RawHubClient eve = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("eve"));
        string thread = await AskAsync(ada, "req_1");
        JsonElement foreign = await eve.CallAsync("ProvideInput", "req_1", "mine");
        Assert.Equal(("not_found", (await eve.CallAsync("ProvideInput", "req_2", "mine")).Text("error", "message")?.Replace("req_2", "req_1", StringComparison.Ordinal)), (foreign.Code(), foreign.Text("error", "message")));
        Assert.Null((await ada.CallAsync("ProvideInput", "req_1", new { choice = 7 })).Code());
        Assert.Equal("not_found", (await ada.CallAsync("ProvideInput", "req_1", 8)).Code());
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement provided = (await http.EventsAsync(new ThreadId(thread))).Single(e => e.Text("type") == "input_provided");
        Assert.Equal(("run_1", "ada", "7"), (provided.Text("run_id"), provided.Text("user_id"), provided.Text("payload", "value", "choice")));
    }

    /// <summary>
    /// Agents choose the ids of their requests, and many choose the same. The newest one hid the others, so that whoever was
    /// asked before could not answer any more.
    /// </summary>
    [Fact]
    public async Task Two_threads_may_ask_under_the_same_id()
    {
        await using RawHubClient ada = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("ada"));
        await using RawHubClient eve = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("eve"));
        await AskAsync(ada, "req_same");
        await AskAsync(eve, "req_same");
        Assert.Null((await ada.CallAsync("ProvideInput", "req_same", 1)).Code());
        Assert.Null((await eve.CallAsync("ProvideInput", "req_same", 2)).Code());
    }

    /// <summary>Two threads of one person asked under the same id, and the answer went to any of them.</summary>
    [Fact]
    public async Task An_answer_that_may_be_meant_for_two_threads_names_its_thread()
    {
        await using RawHubClient ada = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("ada"));
        await using RawHubClient eve = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("eve"));
        string one = await AskAsync(ada, "req_twice"), two = await AskAsync(ada, "req_twice");
        JsonElement refused = await ada.CallAsync("ProvideInput", "req_twice", 0);
        Assert.Equal(("invalid_message", "thread_id"), (refused.Code(), refused.Field()));
        Assert.Equal("not_found", (await eve.CallAsync("ProvideInput", "req_twice", 0, two)).Code());
        Assert.Equal("not_found", (await ada.CallAsync("ProvideInput", "req_else", 0, two)).Code());

        Assert.Null((await ada.CallAsync("ProvideInput", "req_twice", 2, two)).Code());
        Assert.Equal("not_found", (await ada.CallAsync("ProvideInput", "req_twice", 2, two)).Code());
        Assert.Null((await ada.CallAsync("ProvideInput", "req_twice", 1)).Code());
        Assert.Equal(("1", "2"), (await AnswerAsync(one), await AnswerAsync(two)));
    }

    [Fact]
    public async Task The_client_answers_in_the_thread_that_asked()
    {
        await using RawHubClient ada = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("ada"));
        await using AgentClient client = await fixture.Host.UserAsync("ada");
        string one = await AskAsync(ada, "req_client"), two = await AskAsync(ada, "req_client");
        await client.ProvideInputAsync(new ThreadId(one), "req_client", 1);
        await client.ProvideInputAsync(new ThreadId(two), "req_client", 2);
        Assert.Equal(("1", "2"), (await AnswerAsync(one), await AnswerAsync(two)));
    }

    /// <summary>A second request under an open id stood on the thread as another question, and one answer closed both.</summary>
    [Fact]
    public async Task An_open_request_is_not_asked_again_under_its_id()
    {
        await using RawHubClient ada = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("ada"));
        ThreadId thread = new(await AskAsync(ada, "req_again"));
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        const string again = """{"type":"input_requested","run_id":"run_1","payload":{"request_id":"req_again","prompt":"or which?"}}""";
        JsonElement refused = await http.PublishAsync(thread, again);
        Assert.Equal(("run_conflict", "payload.request_id"), (refused.Code(), refused.Field()));
        Assert.Equal("run_conflict", (await http.PublishAsync(thread, again.Replace("\"run_id\":\"run_1\",", "", StringComparison.Ordinal))).Code());

        Assert.Null((await ada.CallAsync("ProvideInput", "req_again", 1, thread.Value)).Code());
        Assert.Null((await http.PublishAsync(thread, again)).Code());
    }

    [Fact]
    public async Task The_end_of_the_run_closes_its_requests()
    {
        await using RawHubClient ada = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("ada"));
        string thread = await AskAsync(ada, "req_late");
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        Assert.Null((await http.PublishAsync(new ThreadId(thread), """{"type":"agent_completed","run_id":"run_1","payload":{"status":"success","duration_ms":1}}""")).Code());
        Assert.Equal("not_found", (await ada.CallAsync("ProvideInput", "req_late", 1)).Code());
    }

    /// <summary>
    /// The time of a request meant nothing: it stayed open as long as its run, a late answer was taken for one in time, and an
    /// agent that did not look at the clock waited on.
    /// </summary>
    [Fact]
    public async Task A_request_that_nobody_answers_in_time_is_closed_by_the_hub_and_takes_no_answer()
    {
        ShiftedClock clock = new();
        await using HubHost host = await HubHost.StartAsync(With(clock));
        await using RawHubClient ada = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        string thread = await AskAsync(ada, "req_over", TimeSpan.FromMinutes(1), host);
        string other = await AskAsync(ada, "req_in_time", TimeSpan.FromHours(1), host);
        clock.Shift = TimeSpan.FromMinutes(2);
        Assert.Equal("not_found", (await ada.CallAsync("ProvideInput", "req_over", 1)).Code());
        Assert.Equal("not_found", (await ada.CallAsync("ProvideInput", "req_over", 1, thread)).Code());
        using HttpClient http = await host.WorkerHttpAsync();
        await Wait.Until(() => http.EventsAsync(new ThreadId(thread)).Result.Types().Contains("input_provided"));
        JsonElement closed = (await http.EventsAsync(new ThreadId(thread))).Single(e => e.Text("type") == "input_provided");
        Assert.Equal(("run_1", null, "req_over", "null", "true"), (closed.Text("run_id"), closed.Text("user_id"), closed.Text("payload", "request_id"), closed.Text("payload", "value"), closed.Text("payload", "expired")));
        Assert.Equal("not_found", (await ada.CallAsync("ProvideInput", "req_over", 1)).Code());
        Assert.Null((await ada.CallAsync("ProvideInput", "req_in_time", 1)).Code());
        Assert.Null((await http.EventsAsync(new ThreadId(other)))[^1].Text("payload", "expired"));
    }

    /// <summary>A request whose time was over before it was asked stood on the thread, and was closed in the same breath.</summary>
    [Fact]
    public async Task A_request_whose_time_is_over_is_not_asked()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        ThreadId thread = ThreadId.New();
        foreach (DateTimeOffset over in new[] { TimeProvider.System.GetUtcNow(), DateTimeOffset.UnixEpoch })
        {
            JsonElement refused = await http.PublishAsync(thread, $$$"""{"type":"input_requested","payload":{"request_id":"r","prompt":"which?","expires_at":"{{{over:O}}}"}}""");
            Assert.Equal(("invalid_message", "payload.expires_at"), (refused.Code(), refused.Field()));
        }
    }

    [Fact]
    public async Task An_agent_that_waits_for_an_answer_is_told_that_none_comes()
    {
        ShiftedClock clock = new();
        await using HubHost host = await HubHost.StartAsync(With(clock));
        await using AgentClient worker = await host.WorkerAsync();
        ThreadId thread = ThreadId.New();
        await using AgentRun run = await worker.StartRunAsync(thread, "a");
        await using Recording seen = Recording.Of(worker, thread);
        Task<JsonElement> answer = run.RequestInputAsync("which?", expiresIn: TimeSpan.FromMinutes(1));
        await seen.EventAsync("input_requested");
        clock.Shift = TimeSpan.FromMinutes(2);
        await Assert.ThrowsAsync<TimeoutException>(() => answer);
        Assert.True((await seen.EventAsync("input_provided")).As<InputProvided>()!.Expired);
        await run.CompleteAsync();
        Assert.Equal(["agent_started", "input_requested", "input_provided", "agent_completed"], (await worker.GetHistoryAsync(thread)).Events.Select(e => e.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task An_agent_whose_question_comes_too_late_is_told_that_no_answer_comes()
    {
        ShiftedClock clock = new();
        await using HubHost host = await HubHost.StartAsync(With(clock));
        await using AgentClient worker = await host.WorkerAsync();
        await using AgentRun run = await worker.StartRunAsync(ThreadId.New(), "a");
        clock.Shift = TimeSpan.FromMinutes(2);
        await Assert.ThrowsAsync<TimeoutException>(() => run.RequestInputAsync("which?", expiresIn: TimeSpan.FromMinutes(1)));
        await run.CompleteAsync();
    }

    [Fact]
    public async Task A_node_that_starts_again_closes_the_requests_whose_time_went_by()
    {
        using TempDirectory directory = new();
        (string, string)[] settings = [("Streams:Store", "sqlite"), ("Sqlite:Path", Path.Combine(directory.Path, "hub.db"))];
        ThreadId thread = ThreadId.New();
        ShiftedClock clock = new();
        string until = clock.GetUtcNow().AddHours(1).ToString("O");
        await using (HubHost before = await HubHost.StartAsync(With(clock), settings))
        {
            using HttpClient publisher = await before.WorkerHttpAsync();
            Assert.Null((await publisher.PublishAsync(thread, $$$"""{"type":"input_requested","payload":{"request_id":"req_1","prompt":"which?","expires_at":"{{{until}}}"}}""")).Code());
            Assert.Equal(["input_requested"], (await publisher.EventsAsync(thread)).Types());
        }

        clock.Shift = TimeSpan.FromHours(2);
        await using HubHost host = await HubHost.StartAsync(With(clock), settings);
        using HttpClient http = await host.WorkerHttpAsync();
        await Wait.Until(() => http.EventsAsync(thread).Result.Length == 2);
        Assert.Equal(["input_requested", "input_provided"], (await http.EventsAsync(thread)).Types());
    }

    private static Action<WebApplicationBuilder> With(ShiftedClock clock) => b => b.Services.AddSingleton<TimeProvider>(clock);

    private async Task<string?> AnswerAsync(string thread)
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        return (await http.EventsAsync(new ThreadId(thread))).Single(e => e.Text("type") == "input_provided").Text("payload", "value");
    }

    private async Task<string> AskAsync(RawHubClient user, string request, TimeSpan? expiresIn = null, HubHost? host = null)
    {
        string thread = (await user.CallAsync("CreateThread", new { })).Text("thread", "thread_id")!;
        using HttpClient http = await (host ?? fixture.Host).WorkerHttpAsync();
        string expiresAt = expiresIn is { } span ? $"\"{TimeProvider.System.GetUtcNow() + span:O}\"" : "null";
        JsonElement asked = await http.PublishAsync(
            new ThreadId(thread),
            $$$"""[{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}},{"type":"input_requested","run_id":"run_1","payload":{"request_id":"{{{request}}}","prompt":"which?","expires_at":{{{expiresAt}}}}}]""");
        Assert.All(asked.GetProperty("results").EnumerateArray(), r => Assert.Null(r.Code()));
        return thread;
    }
}
