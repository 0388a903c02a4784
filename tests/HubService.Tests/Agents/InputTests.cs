using System.Text.Json;
using HubService.Contracts;

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

    [Fact]
    public async Task The_end_of_the_run_closes_its_requests()
    {
        await using RawHubClient ada = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("ada"));
        string thread = await AskAsync(ada, "req_late");
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        Assert.Null((await http.PublishAsync(new ThreadId(thread), """{"type":"agent_completed","run_id":"run_1","payload":{"status":"success","duration_ms":1}}""")).Code());
        Assert.Equal("not_found", (await ada.CallAsync("ProvideInput", "req_late", 1)).Code());
    }

    private async Task<string> AskAsync(RawHubClient user, string request)
    {
        string thread = (await user.CallAsync("CreateThread", new { })).Text("thread", "thread_id")!;
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement asked = await http.PublishAsync(
            new ThreadId(thread),
            $$$"""[{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}},{"type":"input_requested","run_id":"run_1","payload":{"request_id":"{{{request}}}","prompt":"which?"}}]""");
        Assert.All(asked.GetProperty("results").EnumerateArray(), r => Assert.Null(r.Code()));
        return thread;
    }
}
