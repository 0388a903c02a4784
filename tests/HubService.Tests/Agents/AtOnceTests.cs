using System.Text.Json;
using HubService.Tests.Publishing;

namespace HubService.Tests.Agents;

/// <summary>Events go out when the log has kept them, which the hub hears of afterwards. Who acts on what was seen does not have to wait for that.</summary>
public class AtOnceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_has_seen_a_run_end_can_ask_the_same_worker_again(bool sameThread)
    {
        JsonElement again = await ActAsync(
            "agent_completed",
            """{"status":"success","duration_ms":1}""",
            (user, thread, _) => user.CallAsync("SendMessage", new { thread_id = sameThread ? thread : null, text = "two" }));
        Assert.NotNull(again.Text("run_id"));
    }

    [Fact]
    public async Task Who_has_seen_a_run_start_can_cancel_it()
    {
        JsonElement cancelled = await ActAsync("agent_started", """{"agent_name":"a"}""", (user, _, run) => user.CallAsync("CancelRun", run, null));
        Assert.Null(cancelled.Code());
    }

    [Fact]
    public async Task Who_has_seen_a_question_can_answer_it()
    {
        JsonElement answered = await ActAsync("input_requested", """{"request_id":"r1","prompt":"Which?","schema":{"type":"string"}}""", (user, _, _) => user.CallAsync("ProvideInput", "r1", "this"));
        Assert.Null(answered.Code());
    }

    /// <summary>What the hub answers to a person who acts on an event before the hub has heard that it was kept.</summary>
    private static async Task<JsonElement> ActAsync(string type, string payload, Func<RawHubClient, string, string, Task<JsonElement>> act)
    {
        TaskCompletionSource hears = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HubHost host = await HubHost.StartAsync(FaultyLog.Install(log => log.Appended = events => events[^1].Type == type ? hears.Task : Task.CompletedTask));
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        await worker.CallAsync("ServeAgents", new[] { "guide" }, 1);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        JsonElement sent = await user.CallAsync("SendMessage", new { text = "one" });
        (string thread, string asked) = (sent.Text("thread_id")!, sent.Text("run_id")!);

        // A run that nobody was asked for is known by its events alone.
        string run = type == "agent_started" ? "run_1" : asked;
        await user.CallAsync("Subscribe", thread);
        if (type != "agent_started")
        {
            await PublishAsync("agent_started", """{"agent_name":"a"}""");
        }

        Task<JsonElement> published = PublishAsync(type, payload);
        Task<JsonElement> answer;
        try
        {
            await user.UntilAsync(m => m.GetRawText().Contains(type, StringComparison.Ordinal) && m.GetRawText().Contains(run, StringComparison.Ordinal));
            answer = act(user, thread, run);

            // Answered after the call before it has been looked at.
            await user.CallAsync("Ping", 0);
        }
        finally
        {
            hears.SetResult();
        }

        Assert.All((await published).GetProperty("results").EnumerateArray(), r => Assert.Null(r.Code()));
        return await answer;

        Task<JsonElement> PublishAsync(string type, string payload) =>
            worker.CallRawAsync("Publish", $$$"""["{{{thread}}}",[{"type":"{{{type}}}","run_id":"{{{run}}}","payload":{{{payload}}}}]]""");
    }
}
