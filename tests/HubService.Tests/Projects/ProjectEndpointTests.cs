using System.Text.Json;
using HubService.Contracts;

namespace HubService.Tests.Projects;

public class ProjectEndpointTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly string _project = Ids.New("p-");

    [Fact]
    public async Task State_confirmation_and_commands_are_there_over_http()
    {
        using HttpClient http = await fixture.Host.UserHttpAsync();
        Assert.Equal("PARSE_INTENT", (await http.GetAsync($"/api/projects/{_project}/state").ReadAsync()).Text("current_stage", "id"));
        JsonElement confirmed = await http.PostAsync($"/api/projects/{_project}/confirm", null).ReadAsync();
        Assert.Equal("DATA_SOURCE", confirmed.Text("result", "current_stage", "id"));
        Assert.Equal("stage_conflict", (await http.PostAsync($"/api/projects/{_project}/confirm", """{"stage_id":"PARSE_INTENT"}""")).Code());
        Assert.Equal("PROFILE_DATA", (await http.PostAsync($"/api/projects/{_project}/confirm", """{"stage_id":"DATA_SOURCE"}""")).Text("result", "current_stage", "id"));
        JsonElement restarted = await http.PostAsync($"/api/v1/projects/{_project}/commands", """{"name":"restart_stage","args":{"stage_id":"DATA_SOURCE"}}""");
        Assert.Equal("DATA_SOURCE", restarted.Text("result", "current_stage", "id"));
        Assert.Equal("DATA_SOURCE", (await http.GetAsync($"/api/projects/{_project}/state").ReadAsync()).Text("current_stage", "id"));
    }

    [Theory]
    [InlineData("""{}""", "invalid_message", "name")]
    [InlineData("""{"name":"restart_stage"}""", "invalid_message", "args.stage_id")]
    [InlineData("""{"name":"restart_stage","args":{"stage_id":"NO_SUCH"}}""", "invalid_stage", "stage_id")]
    [InlineData("""{"name":"cancel_run"}""", "run_not_started", null)]
    [InlineData("""{"name":"cancel_run","args":{"run_id":"r"}}""", "not_found", null)]
    [InlineData("""{"name":"tune"}""", "agent_not_available", null)]
    [InlineData("""{"name":"tune","args":[]}""", "invalid_message", "args")]
    [InlineData("""{"name":"a b"}""", "invalid_message", "name")]
    [InlineData("""{"name":"confirm","args":{"stage_id":5}}""", "invalid_message", "args.stage_id")]
    [InlineData("""{"name":"confirm","args":[1]}""", "invalid_message", "args")]
    [InlineData("""{"name":"confirm","args":"PARSE_INTENT"}""", "invalid_message", "args")]
    [InlineData("""{"name":"restart_stage","args":{"stage_id":5}}""", "invalid_message", "args.stage_id")]
    [InlineData("""{"name":"restart_stage","args":[]}""", "invalid_message", "args")]
    [InlineData("""{"name":"cancel_run","args":{"run_id":5}}""", "invalid_message", "args.run_id")]
    [InlineData("""{"name":"cancel_run","args":[]}""", "invalid_message", "args")]
    public async Task A_command_that_cannot_be_done_says_why(string body, string code, string? field)
    {
        using HttpClient http = await fixture.Host.UserHttpAsync();
        JsonElement answer = await http.PostAsync($"/api/v1/projects/{_project}/commands", body);
        Assert.Equal((code, field), (answer.Code(), answer.Field()));
        Assert.Empty(await http.EventsAsync(new ProjectId(_project)));
    }

    /// <summary>An argument of a wrong type was taken for missing, and the wider thing was done: a confirmation of stage 5 confirmed whatever was current.</summary>
    [Fact]
    public async Task An_argument_of_a_wrong_type_is_not_taken_for_missing_on_the_hub_either()
    {
        await using RawHubClient user = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("ada"), "project");
        foreach ((string name, string args, string field) in ((string, string, string)[])
            [("confirm", """{"stage_id":5}""", "args.stage_id"), ("confirm", "[1]", "args"), ("cancel_run", """{"run_id":{}}""", "args.run_id"), ("restart_stage", "7", "args")])
        {
            JsonElement answer = await user.CallRawAsync("Command", $"""["{_project}","{name}",{args}]""");
            Assert.Equal(("invalid_message", field), (answer.Code(), answer.Field()));
        }

        Assert.Equal("PARSE_INTENT", (await user.CallAsync("GetState", _project)).Text("current_stage", "id"));
        Assert.Equal("DATA_SOURCE", (await user.CallRawAsync("Command", $$"""["{{_project}}","confirm",{"stage_id":null}]""")).Text("result", "current_stage", "id"));
    }

    [Fact]
    public async Task A_project_that_is_not_granted_is_not_there()
    {
        using HttpClient http = await fixture.Host.HttpAsync(await fixture.Host.TokenAsync("eve", streams: ["project:mine-*"]));
        Assert.Equal("not_found", (await http.GetAsync($"/api/projects/{_project}/state").ReadAsync()).Code());
        Assert.Equal("not_found", (await http.PostAsync($"/api/projects/{_project}/confirm", null).ReadAsync()).Code());
        Assert.Equal("not_found", (await http.PostAsync($"/api/v1/projects/{_project}/commands", """{"name":"confirm"}""")).Code());
        Assert.Equal("not_found", (await http.GetAsync($"/api/v1/projects/{_project}/events").ReadAsync()).Code());
        Assert.Equal("not_found", (await http.GetAsync($"/api/v1/projects/{_project}/stream").ReadAsync()).Code());
        Assert.Null((await http.GetAsync("/api/projects/mine-1/state").ReadAsync()).Code());
    }

    [Fact]
    public async Task Work_published_over_http_is_kept_by_a_heartbeat_and_fails_without()
    {
        await using HubHost host = await HubHost.StartAsync(("Projects:HttpLease", "00:00:00.5"));
        using HttpClient http = await host.WorkerHttpAsync();
        var project = new ProjectId(_project);
        Assert.Equal("not_found", (await http.PostAsync($"/api/v1/projects/{_project}/heartbeat", null).ReadAsync()).Code());
        await http.PublishAsync(project, """{"name":"TRAIN_RUN_STARTED","payload":{"run_id":"r","model_id":"m","metric_primary":"f1"}}""");
        Assert.NotNull((await http.PostAsync($"/api/v1/projects/{_project}/heartbeat", null).ReadAsync()).Text("lease_until"));
        await Client.Wait.Until(() => http.EventsAsync(project).Result.Names().Contains("TRAIN_RUN_FINISHED"));
        Assert.Equal("failed", (await http.EventsAsync(project))[1].Text("event", "payload", "status"));
    }
}
