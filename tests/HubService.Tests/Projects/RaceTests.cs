using System.Text.Json;
using HubService.Client;
using HubService.Contracts;

namespace HubService.Tests.Projects;

/// <summary>What once went wrong when people and workers acted at the same time.</summary>
public sealed class RaceTests
{
    /// <summary>
    /// With a worker at work, the second of two clicks on Confirm found the next stage IN_PROGRESS and confirmed that as well:
    /// a training could be skipped before its first epoch.
    /// </summary>
    [Fact]
    public async Task A_second_confirmation_does_not_end_the_stage_that_the_first_one_began()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync(), "project");
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        Assert.Null((await worker.CallAsync("ServeProjects", (object)new[] { "*" })).Code());
        Assert.Null((await worker.CallAsync("WaitForConfirmation", "p1", "PARSE_INTENT", "Right?", new[] { "confirm" })).Code());

        Assert.Null((await user.CallAsync("Confirm", "p1")).Code());
        Assert.Equal("stage_conflict", (await user.CallAsync("Confirm", "p1")).Code());
        Assert.Equal("DATA_SOURCE", (await user.CallAsync("GetState", "p1")).GetProperty("current_stage").GetProperty("id").GetString());

        // Who names the stage means it.
        Assert.Null((await user.CallAsync("Confirm", "p1", "DATA_SOURCE")).Code());
    }

    /// <summary>
    /// While no worker served the project nothing told the second of two clicks from the first: both confirmations were taken, and the
    /// stage between was passed over unseen.
    /// </summary>
    [Fact]
    public async Task A_second_click_advances_nothing_when_no_worker_is_there_either()
    {
        ShiftedClock clock = new();
        await using HubHost host = await HubHost.StartAsync(b => b.Services.AddSingleton<TimeProvider>(clock), ("Projects:ConfirmPause", "00:05:00"));
        await using RawHubClient one = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        await using RawHubClient two = await RawHubClient.ConnectAsync(host, await host.TokenAsync("grace"), "project");
        Assert.Null((await one.CallAsync("Confirm", "p1")).Code());
        Assert.Equal("stage_conflict", (await one.CallAsync("Confirm", "p1")).Code());
        Assert.Equal("stage_conflict", (await two.CallAsync("Confirm", "p1")).Code());
        Assert.Equal("DATA_SOURCE", (await one.CallAsync("GetState", "p1")).Text("current_stage", "id"));

        // A moment later it is another click; a name makes it one at once.
        clock.Shift = TimeSpan.FromMinutes(5);
        Assert.Null((await two.CallAsync("Confirm", "p1")).Code());
        Assert.Null((await two.CallAsync("Confirm", "p1", "PROFILE_DATA")).Code());
        Assert.Null((await one.CallAsync("RestartStage", "p1", "DATA_SOURCE")).Code());
        Assert.Equal("stage_conflict", (await two.CallAsync("Confirm", "p1")).Code());
        Assert.Equal("DATA_SOURCE", (await one.CallAsync("GetState", "p1")).Text("current_stage", "id"));
    }

    /// <summary>
    /// A person cancelled and restarted TRAIN at once. The cancelled walk's report came after the restart, and TRAIN was shown as FAILED
    /// while the new training ran.
    /// </summary>
    [Fact]
    public async Task What_a_cancelled_walk_still_says_about_stages_does_not_touch_the_one_that_was_restarted()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync(), "project");
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        Assert.Null((await worker.CallAsync("ServeProjects", (object)new[] { "*" })).Code());
        Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
        int first = await AttemptAsync(worker, 0);
        Assert.Null((await worker.CallAsync("SetStage", "p1", "TRAIN", "IN_PROGRESS", "Fitting", first)).Code());
        Assert.Null((await user.CallAsync("CancelRun", "p1")).Code());
        Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
        int second = await AttemptAsync(worker, 1);
        Assert.Equal(first + 1, second);

        JsonElement late = await worker.CallAsync("SetStage", "p1", "TRAIN", "FAILED", "Cancelled", first);
        Assert.Equal(("stage_conflict", "attempt"), (late.Code(), late.Field()));
        Assert.Equal("stage_conflict", (await worker.CallAsync("WaitForConfirmation", "p1", "TRAIN", "Again?", Array.Empty<string>(), first)).Code());
        JsonElement published = await worker.CallRawAsync("Publish", $$$"""["p1",{"name":"STAGE_STATUS","payload":{"stage_id":"TRAIN","status":"FAILED","attempt":{{{first}}}}}]""");
        Assert.Equal(("stage_conflict", "payload.attempt"), (published.GetProperty("results")[0].Code(), published.GetProperty("results")[0].Field()));
        Assert.Equal(("TRAIN", "IN_PROGRESS"), await StageAsync(user));

        Assert.Null((await worker.CallAsync("SetStage", "p1", "TRAIN", "COMPLETED", "Done", second)).Code());
        Assert.Equal(("TRAIN", "COMPLETED"), await StageAsync(user));

        // A worker that knows nothing of attempts is taken at its word.
        Assert.Null((await worker.CallAsync("SetStage", "p1", "TRAIN", "FAILED", "Late")).Code());
        Assert.Equal(("TRAIN", "FAILED"), await StageAsync(user));
    }

    /// <summary>Any worker could begin an attempt by using its number, and then the hub's own request of that number was refused as outdated.</summary>
    [Fact]
    public async Task Only_the_hub_begins_an_attempt()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync(), "project");
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        using HttpClient http = await host.WorkerHttpAsync();
        for (int attempt = 0; attempt < 2; attempt++)
        {
            JsonElement set = await worker.CallAsync("SetStage", "p1", "TRAIN", "IN_PROGRESS", "", attempt + 1);
            Assert.Equal(("stage_conflict", "attempt", $"attempt {attempt} is under way, not {attempt + 1}."), (set.Code(), set.Field(), set.Text("error", "message")));
            Assert.Equal("stage_conflict", (await worker.CallAsync("WaitForConfirmation", "p1", "TRAIN", "Right?", Array.Empty<string>(), attempt + 1)).Code());

            // Over HTTP there is no connection, and here no event_id either: still it is not the hub that speaks.
            JsonElement published = await http.PublishAsync(new ProjectId("p1"), $$$"""{"name":"STAGE_STATUS","payload":{"stage_id":"TRAIN","status":"IN_PROGRESS","attempt":{{{attempt + 1}}}}}""");
            Assert.Equal(("stage_conflict", "payload.attempt"), (published.Code(), published.Field()));
            Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
        }

        Assert.Null((await worker.CallAsync("SetStage", "p1", "TRAIN", "COMPLETED", "", 2)).Code());
    }

    /// <summary>
    /// A person restarted a stage and cancelled it at once. The end of the run before was taken for the answer to the cancellation, the
    /// deadline was dropped, and the stage stayed IN_PROGRESS for ever with nothing running.
    /// </summary>
    [Fact]
    public async Task A_restart_that_is_cancelled_at_once_is_ended_by_the_hub_if_its_worker_only_ends_the_run_before()
    {
        await using HubHost host = await HubHost.StartAsync(("Projects:CancelTimeout", "00:00:00.3"), ("Limits:MessagesPerSecond", "100000"), ("Limits:MessageBurst", "100000"));
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync(), "project");
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        Assert.Null((await worker.CallAsync("ServeProjects", (object)new[] { "*" })).Code());
        Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
        await worker.CallRawAsync("Publish", """["p1",[{"name":"TRAIN_RUN_STARTED","payload":{"run_id":"run_1","model_id":"m","metric_primary":"accuracy"}}]]""");
        Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
        Assert.Null((await user.CallAsync("CancelRun", "p1")).Code());
        await worker.CallRawAsync("Publish", """["p1",[{"name":"TRAIN_RUN_FINISHED","payload":{"run_id":"run_1","status":"cancelled"}}]]""");
        await Client.Wait.Until(() => StageAsync(user).Result == ("TRAIN", "FAILED"));
        Assert.Equal(2, Assert.Single(worker.Calls("CancelRequested")).GetProperty("attempt").GetInt32());
        Assert.Equal(
            ["StageRequested", "StageRequested", "CancelRequested"],
            worker.Received.Select(m => m.Text("target")).Where(t => t is "StageRequested" or "CancelRequested"));
    }

    /// <summary>The same with a worker of the client library, whose restarted stage was cancelled while it waited for the one before: nobody reported its end.</summary>
    [Fact]
    public async Task A_restart_and_a_cancellation_at_once_always_end_in_FAILED()
    {
        await using HubHost host = await HubHost.StartAsync(("Projects:CancelTimeout", "00:10:00"), ("Limits:MessagesPerSecond", "100000"), ("Limits:MessageBurst", "100000"));
        await using ProjectClient client = await host.ProjectWorkerAsync();
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        using HttpClient http = await host.UserHttpAsync();
        using CancellationTokenSource stop = new();
        Trainer worker = new();
        Task serving = client.ServeAsync(["*"], worker, stop.Token);
        await Client.Wait.Until(() => host.Services.GetRequiredService<HubService.Projects.ProjectWorkers>().Route("default", "p1") is not null);
        for (int i = 0; i < 25; i++)
        {
            int begun = worker.Begun;
            Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
            await Client.Wait.Until(() => worker.Begun > begun);
            Task<JsonElement> restart = user.CallAsync("RestartStage", "p1", "TRAIN");
            Task<JsonElement> cancel = user.CallAsync("CancelRun", "p1");
            Assert.Null((await restart).Code());
            if ((await cancel).Code() is not null || CameBeforeTheRestart(await http.EventsAsync(new ProjectId("p1"))))
            {
                Assert.Null((await user.CallAsync("CancelRun", "p1")).Code());
            }

            await Client.Wait.Until(() => StageAsync(user).Result == ("TRAIN", "FAILED"));
            Assert.Equal("Cancelled", (await user.CallAsync("GetState", "p1")).Text("current_stage", "message"));
        }

        await stop.CancelAsync();
        await serving;
        JsonElement[] events = await http.EventsAsync(new ProjectId("p1"));
        Assert.Equal(events.Names().Count(n => n == "TRAIN_RUN_STARTED"), events.Names().Count(n => n == "TRAIN_RUN_FINISHED"));

        static bool CameBeforeTheRestart(JsonElement[] events) =>
            Array.FindLastIndex(events, e => e.Text("event", "payload", "text") == "Run cancellation requested")
            < Array.FindLastIndex(events, e => e.Text("event", "payload", "message") == "Stage restarted by user");
    }

    [Fact]
    public async Task A_worker_of_the_client_library_reports_for_the_attempt_it_was_asked_for()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using ProjectClient client = await host.ProjectWorkerAsync();
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        using CancellationTokenSource stop = new();
        Stubborn worker = new();
        Task serving = client.ServeAsync(["*"], worker, stop.Token);
        Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
        await worker.Begun.Task;
        Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
        worker.GoOn.SetResult();
        Assert.Equal("stage_conflict", await worker.Late.Task);
        await Client.Wait.Until(() => StageAsync(user).Result == ("TRAIN", "COMPLETED"));
        using HttpClient http = await host.UserHttpAsync();
        Assert.DoesNotContain(await http.EventsAsync(new ProjectId("p1")), e => e.Text("event", "payload", "status") == "FAILED");
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task Attempts_are_counted_on_across_a_start_of_the_service()
    {
        using Sqlite.TempDirectory directory = new();
        (string, string)[] settings = [("Streams:Store", "sqlite"), ("Sqlite:Path", directory.File("hub.db"))];
        await using (HubHost host = await HubHost.StartAsync(settings))
        {
            await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
            Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
            Assert.Null((await user.CallAsync("RestartStage", "p1", "TRAIN")).Code());
        }

        await using HubHost next = await HubHost.StartAsync(settings);
        await using RawHubClient worker = await RawHubClient.ConnectAsync(next, await next.WorkerTokenAsync(), "project");
        Assert.Null((await worker.CallAsync("ServeProjects", (object)new[] { "*" })).Code());
        Assert.Equal(2, await AttemptAsync(worker, 0));
        Assert.Equal("stage_conflict", (await worker.CallAsync("SetStage", "p1", "TRAIN", "FAILED", "Late", 1)).Code());
        Assert.Null((await worker.CallAsync("SetStage", "p1", "TRAIN", "COMPLETED", "Done", 2)).Code());
    }

    /// <summary>A restart forgot the deadline of the run before, which then stayed open for ever.</summary>
    [Fact]
    public async Task A_run_whose_stage_was_restarted_is_ended_by_the_hub_if_its_worker_does_not()
    {
        await using HubHost host = await HubHost.StartAsync(("Projects:CancelTimeout", "00:00:00.3"));
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync(), "project");
        await using ProjectClient user = new(new HubServiceClientOptions { Url = host.Url, AccessToken = async (_, _) => await host.TokenAsync("ada") });
        Assert.Null((await worker.CallAsync("ServeProjects", (object)new[] { "*" })).Code());
        await user.RestartStageAsync(new ProjectId("p1"), "TRAIN");
        await worker.CallRawAsync("Publish", """["p1",[{"name":"TRAIN_RUN_STARTED","payload":{"run_id":"run_1","model_id":"m","metric_primary":"accuracy"}}]]""");
        await user.RestartStageAsync(new ProjectId("p1"), "TRAIN");

        await foreach (StreamItem item in user.SubscribeAsync(new ProjectId("p1"), StreamPosition.Start))
        {
            if (item is ProjectStreamEvent { Name: "TRAIN_RUN_FINISHED" })
            {
                break;
            }
        }

        Assert.Equal("TRAIN", (await user.GetStateAsync(new ProjectId("p1"))).CurrentStage!.Id);
        Assert.Equal("IN_PROGRESS", (await user.GetStateAsync(new ProjectId("p1"))).CurrentStage!.Status);
    }

    /// <summary>Trains until it is cancelled, and says nothing about stages.</summary>
    private sealed class Trainer : IProjectWorker
    {
        private int _begun;

        public int Begun => Volatile.Read(ref _begun);

        public async Task RunStageAsync(StageWork work, CancellationToken cancellationToken)
        {
            RunId run = RunId.New();
            await work.PublishAsync("TRAIN_RUN_STARTED", new { RunId = run.Value, ModelId = "m", MetricPrimary = "f1" }, CancellationToken.None);
            Interlocked.Increment(ref _begun);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            finally
            {
                await work.PublishAsync("TRAIN_RUN_FINISHED", new { RunId = run.Value, Status = "cancelled" }, CancellationToken.None);
            }
        }
    }

    /// <summary>Reports on its first attempt only when told to, whatever was cancelled meanwhile.</summary>
    private sealed class Stubborn : IProjectWorker
    {
        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource GoOn { get; } = new();

        public TaskCompletionSource<string> Late { get; } = new();

        public async Task RunStageAsync(StageWork work, CancellationToken cancellationToken)
        {
            if (work.Attempt == 1)
            {
                Begun.SetResult();
                await GoOn.Task;
                Late.SetResult((await Assert.ThrowsAsync<HubClientException>(() => work.SetStageAsync("FAILED", "Cancelled", CancellationToken.None))).Code);
                throw new InvalidOperationException("Cancelled.");
            }

            await work.SetStageAsync("COMPLETED", "Done", cancellationToken);
        }
    }

    private static async Task<int> AttemptAsync(RawHubClient worker, int index)
    {
        await Client.Wait.Until(() => worker.Calls("StageRequested").Count > index);
        return worker.Calls("StageRequested")[index].GetProperty("attempt").GetInt32();
    }

    private static async Task<(string?, string?)> StageAsync(RawHubClient user)
    {
        JsonElement state = await user.CallAsync("GetState", "p1");
        return (state.Text("current_stage", "id"), state.Text("current_stage", "status"));
    }
}
