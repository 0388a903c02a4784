using System.Text.Json;
using HubService.Cluster;
using HubService.Contracts;
using HubService.Projects;
using HubService.Streams;
using HubService.Tests.Client;

namespace HubService.Tests.Cluster;

/// <summary>Projects, stages and pipeline workers over two nodes, whichever of them keeps the project.</summary>
public class ProjectNodesTests
{
    private const string Short = "00:00:00.3";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stage_confirmed_on_one_node_is_asked_of_the_worker_on_the_other(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        StreamKey project = TwoNodes.KeptBy(keptByA ? nodes.NodeA : nodes.NodeB, StreamKind.Project);
        await using RawHubClient worker = await ServeAsync(nodes, nodes.A);
        await using RawHubClient user = await UserAsync(nodes.B);
        Assert.Null((await user.CallAsync("Confirm", project.Id)).Code());
        Assert.Equal(("DATA_SOURCE", "confirmed"), await RequestAsync(worker, 0));
        Assert.Null((await worker.CallAsync("WaitForConfirmation", project.Id, "DATA_SOURCE", "done", Array.Empty<string>(), 1)).Code());
        Assert.Null((await user.CallAsync("Confirm", project.Id, "DATA_SOURCE")).Code());
        Assert.Equal(("PROFILE_DATA", "confirmed"), await RequestAsync(worker, 1));
        Assert.Null((await user.CallAsync("Chat", project.Id, "how is it going?")).Code());
        await worker.UntilAsync(m => m.Text("target") == "ChatReceived");
        Assert.NotNull((await worker.CallAsync("Heartbeat", project.Id)).Text("lease_until"));
    }

    [Fact]
    public async Task Two_confirmations_of_one_stage_on_two_nodes_advance_once()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Projects:ConfirmPause", "00:00:00"));
        await using RawHubClient a = await UserAsync(nodes.A);
        await using RawHubClient b = await UserAsync(nodes.B);
        for (int i = 0; i < 8; i++)
        {
            string first = (await a.CallAsync("GetState", $"p{i}")).GetProperty("stages")[0].Text("id")!;
            JsonElement[] answers = await Task.WhenAll(a.CallAsync("Confirm", $"p{i}", first), b.CallAsync("Confirm", $"p{i}", first));
            Assert.Single(answers, r => r.Code() is null);
            Assert.Single(answers, r => r.Code() == "stage_conflict");
            Assert.Equal("1", (await b.CallAsync("GetState", $"p{i}")).Text("current_stage", "index"));
        }
    }

    /// <summary>The node that does not know the keeper decides for itself; the stream's head lets only one of them be right.</summary>
    [Fact]
    public async Task Two_confirmations_advance_once_though_each_node_takes_itself_for_the_keeper()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Projects:ConfirmPause", "00:00:00"));
        await using RawHubClient a = await UserAsync(nodes.A);
        await using RawHubClient b = await UserAsync(nodes.B);
        nodes.NodeA.CutOff();
        for (int i = 0; i < 8; i++)
        {
            string first = (await a.CallAsync("GetState", $"p{i}")).GetProperty("stages")[0].Text("id")!;
            JsonElement[] answers = await Task.WhenAll(a.CallAsync("Confirm", $"p{i}", first), b.CallAsync("Confirm", $"p{i}", first));
            Assert.Single(answers, r => r.Code() is null);
            Assert.Equal("1", (await b.CallAsync("GetState", $"p{i}")).Text("current_stage", "index"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_custom_command_is_answered_across_nodes(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        StreamKey project = TwoNodes.KeptBy(keptByA ? nodes.NodeA : nodes.NodeB, StreamKind.Project);
        await using RawHubClient worker = await ServeAsync(nodes, nodes.A);
        await using RawHubClient other = await ServeAsync(nodes, nodes.A, "other*");
        await using RawHubClient user = await UserAsync(nodes.B);
        Task<JsonElement> asked = user.CallAsync("Command", project.Id, "tune", new { lr = 1 });
        JsonElement command = (await worker.UntilAsync(m => m.Text("target") == "CommandReceived")).GetProperty("arguments")[0];
        string id = command.Text("command_id")!;
        Assert.Equal("not_found", (await other.CallAsync("CompleteCommand", id, 1, null)).Code());
        Assert.Null((await worker.CallAsync("CompleteCommand", id, new { ok = true }, null)).Code());
        Assert.Equal("true", (await asked).Text("result", "ok"));
        Assert.Equal("not_found", (await worker.CallAsync("CompleteCommand", id, 1, null)).Code());
    }

    [Fact]
    public async Task A_custom_command_whose_worker_goes_away_on_another_node_says_so()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        await using RawHubClient user = await UserAsync(nodes.B);
        RawHubClient worker = await ServeAsync(nodes, nodes.A);
        Task<JsonElement> asked = user.CallAsync("Command", "project-1", "tune");
        await worker.UntilAsync(m => m.Text("target") == "CommandReceived");
        await worker.DisposeAsync();
        Assert.Equal("outcome_unknown", (await asked).Code());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stage_that_waits_is_handed_to_a_worker_that_registers_on_either_node(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        StreamKey project = TwoNodes.KeptBy(keptByA ? nodes.NodeA : nodes.NodeB, StreamKind.Project);
        await using RawHubClient user = await UserAsync(nodes.B);
        Assert.Null((await user.CallAsync("Confirm", project.Id)).Code());
        await using RawHubClient worker = await ServeAsync(nodes, nodes.A);
        Assert.Equal(("DATA_SOURCE", "resumed"), await RequestAsync(worker, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Work_whose_workers_node_dies_is_ended_on_another(bool keptByA)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Projects:DisconnectGrace", Short), ("Projects:HttpLease", "00:00:01"));
        StreamKey project = TwoNodes.KeptBy(keptByA ? nodes.NodeA : nodes.NodeB, StreamKind.Project);
        await using RawHubClient worker = await ServeAsync(nodes, nodes.A);
        await PublishAsync(worker, project, "TRAIN_RUN_STARTED", """{"run_id":"r1","model_id":"m","metric_primary":"f1"}""");
        await nodes.Net.SettleAsync();
        nodes.NodeA.Kill();
        using HttpClient http = await nodes.B.UserHttpAsync();
        await Wait.Until(() => http.EventsAsync(new ProjectId(project.Id)).Result.Names().Contains("TRAIN_RUN_FINISHED"));
        Assert.Single((await http.EventsAsync(new ProjectId(project.Id))).Names(), n => n == "TRAIN_RUN_FINISHED");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_running_stage_outlives_the_keeper_of_its_project(bool published)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Projects:DisconnectGrace", Short), ("Projects:HttpLease", "00:00:01"));
        StreamKey project = TwoNodes.KeptBy(nodes.NodeB, StreamKind.Project);
        await using RawHubClient worker = await ServeAsync(nodes, nodes.A);
        await using RawHubClient user = await UserAsync(nodes.A);
        Assert.Null((await user.CallAsync("Confirm", project.Id)).Code());
        await RequestAsync(worker, 0);
        if (published)
        {
            await PublishAsync(worker, project, "TRAIN_RUN_STARTED", """{"run_id":"r1","model_id":"m","metric_primary":"f1"}""");
        }

        await nodes.Net.SettleAsync();
        nodes.NodeB.Kill();
        ProjectWork work = nodes.A.Services.GetRequiredService<ProjectWork>();
        await Wait.Until(() => work.IsWorking(project));
        await using RawHubClient second = await ServeAsync(nodes, nodes.A);
        await nodes.Net.SettleAsync();
        Assert.Equal(0, await work.ExpireOnceAsync(nodes.StreamsA));
        Assert.Empty(second.Calls("StageRequested"));
        Assert.Single(worker.Calls("StageRequested"));
        Assert.Null((await worker.CallAsync("SetStage", project.Id, "DATA_SOURCE", "COMPLETED", "done", 1)).Code());
    }

    // A project begins with its first stage in progress, before anybody works on it. Whoever had published so much as a log line
    // was announced to the project's new keeper as the worker of that stage; when that connection moved on, as connections do in a
    // rolling deploy, the keeper published that the stage had failed because "The worker went away.".
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publisher_that_moves_on_fails_no_stage_at_a_new_keeper(bool isWorker)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Projects:DisconnectGrace", "00:00:00"));
        StreamKey project = TwoNodes.KeptBy(nodes.NodeB, StreamKind.Project);
        await using RawHubClient publisher = isWorker ? await ServeAsync(nodes, nodes.A) : await RawHubClient.ConnectAsync(nodes.A, await nodes.A.WorkerTokenAsync(), "project");
        await PublishAsync(publisher, project, "LOG_LINE", """{"run_id":"system","level":"info","text":"a line"}""");
        string handle = Assert.Single(nodes.A.Services.GetRequiredService<HeldWork>().All).Value.Handle;
        await nodes.Net.SettleAsync();
        nodes.NodeB.Kill();
        await Wait.Until(() => new Keepers(nodes.NodeA).IsMine(project));
        await nodes.A.Services.GetRequiredService<NodeTakeover>().TakeOverOnceAsync(CancellationToken.None);
        await nodes.Net.SettleAsync();
        ProjectWork work = nodes.A.Services.GetRequiredService<ProjectWork>();
        await work.ExpireOnceAsync(nodes.StreamsA);
        work.Disconnected(handle);
        Assert.Equal(isWorker ? 1 : 0, await work.ExpireOnceAsync(nodes.StreamsA));
    }

    // A new keeper is told of work before it has found it by itself. It dropped the word, and when the worker went away within the
    // quarter of a minute before the next one, its stage stayed in progress for ever.
    [Fact]
    public async Task A_keeper_that_is_told_of_work_it_has_not_found_yet_believes_it()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(("Projects:DisconnectGrace", "00:00:00"));
        StreamKey project = TwoNodes.KeptBy(nodes.NodeB, StreamKind.Project);
        nodes.Net.Loses = static (_, _, topic) => topic == "projects.settled";
        await using RawHubClient user = await UserAsync(nodes.B);
        await user.CallAsync("Subscribe", project.Id);
        await using (RawHubClient worker = await ServeAsync(nodes, nodes.A))
        {
            await PublishAsync(worker, project, "STAGE_STATUS", """{"stage_id":"PARSE_INTENT","status":"IN_PROGRESS","message":"on it"}""");
            await nodes.A.Services.GetRequiredService<ProjectKeeping>().AnnounceOnceAsync();
            await nodes.Net.SettleAsync();
        }

        JsonElement failed = await user.UntilAsync(m => m.GetRawText().Contains("The worker went away.", StringComparison.Ordinal) && m.GetRawText().Contains("FAILED", StringComparison.Ordinal));
        Assert.Equal("ProjectEvent", failed.Text("target"));
    }

    private static async Task<RawHubClient> UserAsync(HubHost host) => await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");

    private static async Task<RawHubClient> ServeAsync(TwoNodes nodes, HubHost host, string pattern = "p*")
    {
        RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync(), "project");
        Assert.Null((await worker.CallRawAsync("ServeProjects", $"""[["{pattern}"]]""")).Code());
        await nodes.Net.SettleAsync();
        return worker;
    }

    private static async Task<(string?, string?)> RequestAsync(RawHubClient worker, int index)
    {
        await Wait.Until(() => worker.Calls("StageRequested").Count > index);
        JsonElement request = worker.Calls("StageRequested")[index];
        return (request.Text("stage_id"), request.Text("reason"));
    }

    private static async Task PublishAsync(RawHubClient worker, StreamKey project, string name, string payload) =>
        Assert.Null((await worker.CallRawAsync("Publish", $$"""["{{project.Id}}",{"name":"{{name}}","payload":{{payload}}}]""")).GetProperty("results")[0].Code());
}
