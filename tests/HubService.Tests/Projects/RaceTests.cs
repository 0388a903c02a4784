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
}
