using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Projects;

namespace HubService.Tests.Projects;

/// <summary>A project goes through its stages, one confirmation at a time.</summary>
public class StageTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly ProjectId _project = new(Ids.New("p-"));

    [Fact]
    public async Task A_fresh_project_is_in_its_first_stage()
    {
        await using ProjectClient user = await fixture.Host.ProjectUserAsync();
        ProjectState state = await user.GetStateAsync(_project);
        Assert.Equal(("PARSE_INTENT", 0, "IN_PROGRESS"), (state.CurrentStage!.Id, state.CurrentStage.Index, state.CurrentStage.Status));
        Assert.Equal(DefaultStages.All, state.Stages.Select(s => s.Id));
        Assert.All(state.Stages.Skip(1), s => Assert.Equal("PENDING", s.Status));
        Assert.Null(state.WaitingConfirmation);
    }

    [Fact]
    public async Task A_subscriber_is_greeted_with_where_the_project_stands()
    {
        await using ProjectClient worker = await fixture.Host.ProjectWorkerAsync();
        await using ProjectClient user = await fixture.Host.ProjectUserAsync();
        await worker.WaitForConfirmationAsync(_project, "PARSE_INTENT", "Is this right?", ["confirm", "restart"]);
        await using Recording seen = Recording.Of(user, _project);
        await seen.ProjectEventAsync("WAITING_CONFIRMATION");
        Assert.Equal(["HELLO", "STAGE_STATUS", "WAITING_CONFIRMATION"], seen.Greetings.Select(g => g.Name));
        Assert.Equal(("WAITING_CONFIRMATION", 1L), (((StageStatus)seen.Greetings[1].Payload).Status, seen.Greetings[1].Envelope.Seq));
        Assert.Equal(["confirm", "restart"], ((WaitingConfirmation)seen.Greetings[2].Payload).NextActions);
        Assert.True(seen.Items.Take(3).All(i => i is ProjectGreeting));

        foreach (HubService.Delivery.Outbox outbox in fixture.Host.Services.GetRequiredService<HubService.Delivery.Outboxes>().All.Where(o => o.Cursors.Any(c => c.Stream.Id == _project.Value)).ToList())
        {
            outbox.Abort();
        }

        await Client.Wait.Until(() => seen.Greetings.Count == 6);
        await user.ConfirmAsync(_project);
        await seen.ProjectEventAsync("STAGE_STATUS", e => e.As<StageStatus>()!.StageId == "DATA_SOURCE");
        seen.AssertDense();
    }

    [Fact]
    public async Task A_project_goes_through_all_eight_stages()
    {
        await using ProjectClient user = await fixture.Host.ProjectUserAsync();
        foreach (string stage in DefaultStages.All)
        {
            Assert.Equal(stage, (await user.GetStateAsync(_project)).CurrentStage!.Id);
            await user.ConfirmAsync(_project, stage);
        }

        ProjectState state = await user.GetStateAsync(_project);
        Assert.All(state.Stages, s => Assert.Equal("COMPLETED", s.Status));
        Assert.Equal("stage_conflict", (await Assert.ThrowsAsync<HubClientException>(() => user.ConfirmAsync(_project))).Code);
        using HttpClient http = await fixture.Host.UserHttpAsync();
        JsonElement[] events = await http.EventsAsync(_project);
        events.AssertDense();
        Assert.Equal(15, events.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Twenty_confirmations_of_one_stage_advance_once(bool named)
    {
        ProjectClient[] tabs = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(i => fixture.Host.ProjectUserAsync($"tab-{i}")))];
        await Task.WhenAll(tabs.Select(t => t.ConnectAsync()));
        string?[] codes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ConfirmAsync(tabs[i % 4])));
        Assert.All(codes, c => Assert.True(c is null or "stage_conflict"));
        Assert.Single(codes, c => c is null);
        Assert.Equal("DATA_SOURCE", (await tabs[0].GetStateAsync(_project)).CurrentStage!.Id);
        await Task.WhenAll(tabs.Select(t => t.DisposeAsync().AsTask()));

        async Task<string?> ConfirmAsync(ProjectClient tab)
        {
            try
            {
                await tab.ConfirmAsync(_project, named ? "PARSE_INTENT" : null);
                return null;
            }
            catch (HubClientException e)
            {
                return e.Code;
            }
        }
    }

    [Fact]
    public async Task A_strict_project_confirms_only_what_waits()
    {
        await using HubHost host = await HubHost.StartAsync(("Projects:Confirm", "strict"));
        await using ProjectClient user = await host.ProjectUserAsync();
        await using ProjectClient worker = await host.ProjectWorkerAsync();
        HubClientException refused = await Assert.ThrowsAsync<HubClientException>(() => user.ConfirmAsync(_project));
        Assert.Equal("stage_conflict", refused.Code);
        Assert.Equal("IN_PROGRESS", (string?)refused.Error.Details!["status"]);
        await worker.WaitForConfirmationAsync(_project, "PARSE_INTENT", "ok?", []);
        await user.ConfirmAsync(_project);
        Assert.Equal("DATA_SOURCE", (await user.GetStateAsync(_project)).CurrentStage!.Id);
    }

    [Fact]
    public async Task A_restart_goes_back_and_resets_what_came_after()
    {
        await using ProjectClient user = await fixture.Host.ProjectUserAsync();
        foreach (string stage in DefaultStages.All.Take(3))
        {
            await user.ConfirmAsync(_project, stage);
        }

        await user.RestartStageAsync(_project, "DATA_SOURCE");
        ProjectState state = await user.GetStateAsync(_project);
        Assert.Equal(["COMPLETED", "IN_PROGRESS", "PENDING", "PENDING"], state.Stages.Take(4).Select(s => s.Status));
        Assert.Equal(("DATA_SOURCE", "Stage restarted by user"), (state.CurrentStage!.Id, state.CurrentStage.Message));
        HubClientException refused = await Assert.ThrowsAsync<HubClientException>(() => user.RestartStageAsync(_project, "NO_SUCH"));
        Assert.Equal(("invalid_stage", "stage_id"), (refused.Code, (string?)refused.Error.Details!["field"]));
    }

    [Fact]
    public async Task A_pipeline_may_have_stages_of_its_own()
    {
        await using HubHost host = await HubHost.StartAsync(
            ("Projects:Pipelines:0:Projects", "rag-*"), ("Projects:Pipelines:0:Stages:0", "INGEST"), ("Projects:Pipelines:0:Stages:1", "INDEX"));
        await using ProjectClient user = await host.ProjectUserAsync();
        ProjectId rag = new("rag-1");
        Assert.Equal(["INGEST", "INDEX"], (await user.GetStateAsync(rag)).Stages.Select(s => s.Id));
        await user.ConfirmAsync(rag);
        Assert.Equal("INDEX", (await user.GetStateAsync(rag)).CurrentStage!.Id);
        Assert.Equal("invalid_stage", (await Assert.ThrowsAsync<HubClientException>(() => user.RestartStageAsync(rag, "TRAIN"))).Code);
        Assert.Equal(8, (await user.GetStateAsync(_project)).Stages.Count);
    }
}
