using System.Text.Json;
using HubService.Contracts;
using HubService.Tests.Client;

namespace HubService.Tests.Projects;

/// <summary>What a pipeline's worker is asked, and what the hub does when it does not answer.</summary>
public class WorkTests
{
    private const string Short = "00:00:00.3";
    private readonly ProjectId _project = new("p1");

    [Fact]
    public async Task A_stage_confirmed_while_no_worker_is_there_is_handed_to_the_next_one()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient user = await UserAsync(host);
        Assert.Null((await user.CallAsync("Confirm", "p1")).Code());
        await using RawHubClient worker = await ServeAsync(host);
        Assert.Equal(("DATA_SOURCE", "resumed"), await RequestAsync(worker, 0));
        Assert.Null((await user.CallAsync("Confirm", "p1", "DATA_SOURCE")).Code());
        Assert.Equal(("PROFILE_DATA", "confirmed"), await RequestAsync(worker, 1));
        Assert.Null((await user.CallAsync("RestartStage", "p1", "DATA_SOURCE")).Code());
        Assert.Equal(("DATA_SOURCE", "restarted"), await RequestAsync(worker, 2));
        Assert.Equal(3, worker.Calls("StageRequested").Count);
    }

    [Fact]
    public async Task A_cancel_reaches_the_worker_whose_own_end_is_the_last_word()
    {
        ShiftedClock clock = new();
        await using HubHost host = await HubHost.StartAsync(b => b.Services.AddSingleton<TimeProvider>(clock));
        await using RawHubClient user = await UserAsync(host);
        await using RawHubClient worker = await ServeAsync(host);
        await StartRunAsync(worker);
        Assert.Null((await user.CallAsync("CancelRun", "p1", "r1")).Code());
        JsonElement asked = (await worker.UntilAsync(m => m.Text("target") == "CancelRequested")).GetProperty("arguments")[0];
        Assert.Equal(("p1", "r1", "ada"), (asked.Text("project_id"), asked.Text("run_id"), asked.Text("user_id")));
        await PublishAsync(worker, "TRAIN_RUN_FINISHED", """{"run_id":"r1","status":"cancelled"}""");
        (clock.Shift, clock.Elapsed) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        await host.Services.GetRequiredService<HubService.Projects.ProjectWork>().ExpireOnceAsync(host.Services.GetRequiredService<HubService.Publishing.OpenStreams>());
        Assert.Equal(["TRAIN_RUN_STARTED", "LOG_LINE", "TRAIN_RUN_FINISHED"], (await EventsAsync(host)).Names());
        Assert.Equal("not_found", (await user.CallAsync("CancelRun", "p1", "r1")).Code());
    }

    [Fact]
    public async Task A_worker_that_ignores_a_cancel_has_its_run_ended_as_cancelled()
    {
        await using HubHost host = await HubHost.StartAsync(("Projects:CancelTimeout", Short));
        await using RawHubClient user = await UserAsync(host);
        await using RawHubClient worker = await ServeAsync(host);
        await StartRunAsync(worker);
        Assert.Null((await user.CallAsync("Command", "p1", "cancel_run", new { })).Code());
        JsonElement[] events = await UntilAsync(host, "TRAIN_RUN_FINISHED");
        Assert.Equal("cancelled", events.Single(e => e.Text("event", "name") == "TRAIN_RUN_FINISHED").Text("event", "payload", "status"));
        Assert.Equal("warn", events.First(e => e.Text("event", "name") == "LOG_LINE").Text("event", "payload", "level"));
        events.AssertDense();
    }

    [Fact]
    public async Task A_worker_that_goes_away_fails_its_run_and_its_stage()
    {
        await using HubHost host = await HubHost.StartAsync(("Projects:DisconnectGrace", Short));
        await using RawHubClient user = await UserAsync(host);
        await using (RawHubClient worker = await ServeAsync(host))
        {
            await user.CallAsync("Confirm", "p1");
            await RequestAsync(worker, 0);
            await StartRunAsync(worker);
        }

        JsonElement[] events = await UntilAsync(host, "TRAIN_RUN_FINISHED");
        Assert.Equal("failed", events.Single(e => e.Text("event", "name") == "TRAIN_RUN_FINISHED").Text("event", "payload", "status"));
        JsonElement state = await user.CallAsync("GetState", "p1");
        Assert.Equal(("DATA_SOURCE", "FAILED"), (state.Text("current_stage", "id"), state.Text("current_stage", "status")));
        Assert.Null((await user.CallAsync("RestartStage", "p1", "DATA_SOURCE")).Code());
        await using RawHubClient next = await ServeAsync(host);
        Assert.Equal(("DATA_SOURCE", "resumed"), await RequestAsync(next, 0));
    }

    [Fact]
    public async Task A_custom_command_is_answered_by_the_worker_with_a_result_or_an_error()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient user = await UserAsync(host);
        await using RawHubClient worker = await ServeAsync(host);
        Task<JsonElement> asked = user.CallAsync("Command", "p1", "tune", new { lr = 0.1 });
        JsonElement command = await CommandAsync(worker, 0);
        Assert.Equal(("tune", "0.1", "ada"), (command.Text("name"), command.Text("args", "lr"), command.Text("user_id")));
        await using RawHubClient other = await ServeAsync(host, "other-*");
        Assert.Equal("not_found", (await other.CallAsync("CompleteCommand", command.Text("command_id"), 1, null)).Code());
        Assert.Null((await worker.CallAsync("CompleteCommand", command.Text("command_id"), new { ok = true }, null)).Code());
        Assert.Equal("true", (await asked).Text("result", "ok"));
        Assert.Equal("not_found", (await worker.CallAsync("CompleteCommand", command.Text("command_id"), 1, null)).Code());

        asked = user.CallAsync("Command", "p1", "tune");
        command = await CommandAsync(worker, 1);
        await worker.CallAsync("CompleteCommand", command.Text("command_id"), null, new { code = "invalid_message", message = "lr: is missing", retryable = false });
        Assert.Equal("invalid_message", (await asked).Code());
    }

    [Fact]
    public async Task A_command_without_an_answer_says_that_its_outcome_is_unknown()
    {
        await using HubHost host = await HubHost.StartAsync(("Projects:CommandTimeout", Short));
        await using RawHubClient user = await UserAsync(host);
        Assert.Equal("agent_not_available", (await user.CallAsync("Command", "p1", "tune")).Code());
        await using RawHubClient worker = await ServeAsync(host);
        Assert.Equal("outcome_unknown", (await user.CallAsync("Command", "p1", "tune")).Code());
        await using HubHost patient = await HubHost.StartAsync();
        await using RawHubClient caller = await UserAsync(patient);
        RawHubClient leaving = await ServeAsync(patient);
        Task<JsonElement> asked = caller.CallAsync("Command", "p1", "tune");
        await CommandAsync(leaving, 0);
        await leaving.DisposeAsync();
        Assert.Equal("outcome_unknown", (await asked).Code());
    }

    [Fact]
    public async Task A_chat_is_one_line_and_the_workers_reply_another()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient user = await UserAsync(host);
        await using RawHubClient worker = await ServeAsync(host);
        Assert.Null((await user.CallAsync("Chat", "p1", "how is it going?")).Code());
        JsonElement chat = (await worker.UntilAsync(m => m.Text("target") == "ChatReceived")).GetProperty("arguments")[0];
        Assert.Equal(("how is it going?", "ada"), (chat.Text("text"), chat.Text("user_id")));
        await PublishAsync(worker, "LOG_LINE", """{"run_id":"chat","level":"info","text":"well","source":"assistant"}""");
        JsonElement[] events = await EventsAsync(host);
        Assert.Equal([("chat", "chat", "how is it going?"), ("chat", "assistant", "well")], events.Select(e => (e.Text("event", "payload", "run_id"), e.Text("event", "payload", "source"), e.Text("event", "payload", "text"))));
        Assert.Equal("invalid_message", (await user.CallAsync("Chat", "p1", " ")).Code());
        Assert.Equal("payload_too_large", (await user.CallAsync("Chat", "p1", new string('x', 32_001))).Code());
    }

    [Fact]
    public async Task A_ping_is_answered_to_its_caller_alone()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient one = await UserAsync(host);
        await using RawHubClient two = await UserAsync(host);
        await one.CallAsync("Subscribe", "p1");
        await two.CallAsync("Subscribe", "p1");
        await Wait.Until(() => two.Calls("ProjectEvent").Count == 2);
        JsonElement pong = await one.CallAsync("Ping", 42);
        Assert.Equal(42, pong.GetProperty("ts").GetInt64());
        Assert.NotNull(pong.Text("node"));
        await two.CallAsync("Ping", 1);
        Assert.Equal(2, two.Calls("ProjectEvent").Count);
    }

    /// <summary>A pass that the log refused took the run's deadline for done, and nobody ended the run any more.</summary>
    [Fact]
    public async Task A_run_whose_end_the_log_refused_is_ended_by_a_later_pass()
    {
        HubService.Tests.Publishing.FaultyLog log = null!;
        await using HubHost host = await HubHost.StartAsync(HubService.Tests.Publishing.FaultyLog.Install(l => log = l), ("Projects:CancelTimeout", "00:00:00.001"));
        await using RawHubClient user = await UserAsync(host);
        await using RawHubClient worker = await ServeAsync(host);
        await StartRunAsync(worker);
        HubService.Publishing.OpenStreams streams = host.Services.GetRequiredService<HubService.Publishing.OpenStreams>();
        HubService.Projects.ProjectWork work = host.Services.GetRequiredService<HubService.Projects.ProjectWork>();
        int refused = 0;
        log.Refuses = e => e.Type == "TRAIN_RUN_FINISHED" && Interlocked.Increment(ref refused) > 0;
        Assert.Null((await user.CallAsync("CancelRun", "p1", "r1")).Code());
        await Client.Wait.Until(() => work.ExpireOnceAsync(streams).Result >= 0 && Volatile.Read(ref refused) > 0);
        Assert.DoesNotContain("TRAIN_RUN_FINISHED", (await EventsAsync(host)).Names());
        log.Refuses = null;
        await Client.Wait.Until(() => work.ExpireOnceAsync(streams).Result == 0 && EventsAsync(host).Result.Names().Contains("TRAIN_RUN_FINISHED"));
        Assert.Single((await EventsAsync(host)).Names(), n => n == "TRAIN_RUN_FINISHED");
    }

    private static Task<RawHubClient> UserAsync(HubHost host) => ConnectAsync(host, host.TokenAsync("ada"));

    private static async Task<RawHubClient> ConnectAsync(HubHost host, Task<string> token) => await RawHubClient.ConnectAsync(host, await token, "project");

    private static async Task<RawHubClient> ServeAsync(HubHost host, string pattern = "p*")
    {
        RawHubClient worker = await ConnectAsync(host, host.WorkerTokenAsync());
        Assert.Null((await worker.CallRawAsync("ServeProjects", $"""[["{pattern}"]]""")).Code());
        return worker;
    }

    private static async Task<(string?, string?)> RequestAsync(RawHubClient worker, int index)
    {
        await Client.Wait.Until(() => worker.Calls("StageRequested").Count > index);
        JsonElement request = worker.Calls("StageRequested")[index];
        return (request.Text("stage_id"), request.Text("reason"));
    }

    private static async Task<JsonElement> CommandAsync(RawHubClient worker, int index)
    {
        await Client.Wait.Until(() => worker.Calls("CommandReceived").Count > index);
        return worker.Calls("CommandReceived")[index];
    }

    private static Task StartRunAsync(RawHubClient worker) => PublishAsync(worker, "TRAIN_RUN_STARTED", """{"run_id":"r1","model_id":"m","metric_primary":"f1"}""");

    private static async Task PublishAsync(RawHubClient worker, string name, string payload) =>
        Assert.Null((await worker.CallRawAsync("Publish", $$"""["p1",{"name":"{{name}}","payload":{{payload}}}]""")).GetProperty("results")[0].Code());

    private async Task<JsonElement[]> EventsAsync(HubHost host)
    {
        using HttpClient http = await host.UserHttpAsync();
        return await http.EventsAsync(_project);
    }

    private async Task<JsonElement[]> UntilAsync(HubHost host, string name)
    {
        using HttpClient http = await host.UserHttpAsync();
        await Client.Wait.Until(() => http.EventsAsync(_project).Result.Names().Contains(name));
        return await http.EventsAsync(_project);
    }
}
