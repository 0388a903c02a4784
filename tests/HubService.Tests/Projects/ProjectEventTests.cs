using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Contracts.Schema;

namespace HubService.Tests.Projects;

/// <summary>Which events a project takes: those of the contract in all their shapes, those a pipeline registered, and no others.</summary>
public class ProjectEventTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private readonly ProjectId _project = new(Ids.New("p-"));

    [Theory]
    [InlineData("STAGE_STATUS", """{"steps":["a"],"step_count":1}""")]
    [InlineData("TRAIN_PROGRESS", """{"progress":12.5,"message":"fitting"}""")]
    [InlineData("LOG_LINE", """{"run_id":"r","level":"INFO","text":"t","further":{"kept":true}}""")]
    [InlineData("GD_DIAGNOSTIC", null)]
    [InlineData("LOSS_SURFACE_SPEC_READY", null)]
    [InlineData("LOSS_SURFACE_GRID_READY", null)]
    [InlineData("GD_PATH_STARTED", null)]
    [InlineData("GD_PATH_UPDATE", null)]
    [InlineData("GD_PATH_FINISHED", null)]
    [InlineData("GD_HYPERPARAMS", null)]
    public async Task A_documented_shape_is_taken_and_kept_as_it_came(string name, string? payload)
    {
        Assert.True(ContractCatalog.Projects.TryGet(name, out EventDefinition? definition));
        payload ??= ContractExamples.For(definition)[0].GetRawText();
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement result = await http.PublishAsync(_project, $$"""{"name":"{{name}}","payload":{{payload}}}""");
        Assert.True(result.Code() is null, result.GetRawText());
        JsonElement kept = Assert.Single(await http.EventsAsync(_project));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(payload), kept.GetProperty("event").GetProperty("payload")));
        Assert.Equal(("EVENT", "PARSE_INTENT", "0"), (kept.Text("type"), kept.Text("stage", "id"), kept.Text("stage", "index")));
    }

    [Theory]
    [InlineData("""{"name":"HELLO","payload":{"message":"m","project_id":"p","server_time":"2025-01-01T00:00:00Z"}}""", "forbidden", "name")]
    [InlineData("""{"name":"NO_SUCH","payload":{}}""", "unknown_type", "name")]
    [InlineData("""{"name":"stage_status","payload":{}}""", "unknown_type", "name")]
    [InlineData("""{"payload":{}}""", "invalid_message", "name")]
    [InlineData("""{"name":"METRIC_SCALAR","payload":{"run_id":"r","name":"loss","split":"train","step":1}}""", "invalid_message", "payload.value")]
    [InlineData("""{"name":"METRIC_SCALAR","payload":{"run_id":"r","name":"loss","split":"train","step":1,"value":"1"}}""", "invalid_message", "payload.value")]
    [InlineData("""{"name":"LOG_LINE","data":{}}""", "invalid_message", "data")]
    [InlineData("""{"type":"EVENT","name":"LOG_LINE","payload":{}}""", "invalid_message", "type")]
    [InlineData("""{"name":"LOG_LINE","seq":1,"payload":{}}""", "invalid_message", "seq")]
    [InlineData("""{"name":"LOG_LINE","ts":1,"payload":{}}""", "invalid_message", "ts")]
    [InlineData("""{"name":"LOG_LINE","stage":{},"payload":{}}""", "invalid_message", "stage")]
    [InlineData("""{"name":"LOG_LINE","project_id":"other","payload":{}}""", "invalid_message", "project_id")]
    [InlineData("""{"name":"STAGE_STATUS","payload":{"stage_id":"NO_SUCH","status":"COMPLETED"}}""", "invalid_stage", "payload.stage_id")]
    [InlineData("""{"name":"STAGE_STATUS","payload":{"stage_id":"TRAIN","status":"DONE"}}""", "invalid_message", "payload.status")]
    [InlineData("""{"name":"TRAIN_RUN_FINISHED","payload":{"run_id":"r","status":"success"}}""", "run_not_started", "payload.run_id")]
    public async Task Anything_else_is_refused_by_code_and_field(string json, string code, string field)
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement answer = await http.PublishAsync(_project, json);
        Assert.Equal((code, field), (answer.Code(), answer.Field()));
        Assert.Empty(await http.EventsAsync(_project));
    }

    [Fact]
    public async Task A_training_run_starts_and_finishes_once()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        const string started = """{"name":"TRAIN_RUN_STARTED","payload":{"run_id":"r","model_id":"m","metric_primary":"f1"}}""";
        const string finished = """{"name":"TRAIN_RUN_FINISHED","payload":{"run_id":"r","status":"success"}}""";
        JsonElement answer = await http.PublishAsync(_project, $$$"""[{{{started}}},{{{started}}},{{{finished}}},{{{finished}}},{{{started}}},{"name":"TRAIN_PROGRESS","payload":{"run_id":"r"}}]""");
        Assert.Equal([null, "run_conflict", null, "run_closed", "run_conflict", "run_closed"], answer.GetProperty("results").EnumerateArray().Select(r => r.Code()));
    }

    [Fact]
    public async Task A_pipeline_may_register_events_with_a_schema()
    {
        await using HubHost host = await HubHost.StartAsync(
            ("Projects:Events:MY_EVENT:loss", "number"),
            ("Projects:Events:MY_EVENT:note", "string?"),
            ("Projects:Events:MY_EVENT:rounds", "integer?"),
            ("Projects:Events:OTHER_EVENT:parts", "array"));
        using HttpClient http = await host.WorkerHttpAsync();
        await using ProjectClient user = await host.ProjectUserAsync();
        await using Recording seen = Recording.Of(user, _project);
        Assert.Null((await http.PublishAsync(_project, """{"name":"MY_EVENT","payload":{"loss":0.5,"further":1}}""")).Code());
        Assert.Null((await http.PublishAsync(_project, """{"name":"MY_EVENT","payload":{"loss":1,"note":null,"rounds":3}}""")).Code());
        Assert.Null((await http.PublishAsync(_project, """{"name":"OTHER_EVENT","payload":{"parts":[]}}""")).Code());
        Assert.Equal("payload.loss", (await http.PublishAsync(_project, """{"name":"MY_EVENT","payload":{}}""")).Field());
        Assert.Equal("payload.loss", (await http.PublishAsync(_project, """{"name":"MY_EVENT","payload":{"loss":"0.5"}}""")).Field());
        Assert.Equal("payload.note", (await http.PublishAsync(_project, """{"name":"MY_EVENT","payload":{"loss":1,"note":7}}""")).Field());
        Assert.Equal("payload.rounds", (await http.PublishAsync(_project, """{"name":"MY_EVENT","payload":{"loss":1,"rounds":1.5}}""")).Field());
        Assert.Equal("unknown_type", (await http.PublishAsync(_project, """{"name":"MY_OTHER","payload":{}}""")).Code());
        Assert.Equal("unknown_type", (await http.PublishAsync(new ThreadId("t"), """{"type":"MY_EVENT","payload":{"loss":1}}""")).Code());
        await seen.ProjectEventAsync("OTHER_EVENT");
        Assert.Equal(["MY_EVENT", "MY_EVENT", "OTHER_EVENT"], seen.ProjectEvents.Select(e => e.Name));
    }

    [Theory]
    [InlineData("Projects:Events:my_event:loss", "number")]
    [InlineData("Projects:Events:LOG_LINE:loss", "number")]
    [InlineData("Projects:Events:MY_EVENT:loss", "float")]
    public async Task A_registration_that_makes_no_sense_stops_the_start(string setting, string value)
    {
        Exception refused = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => HubHost.StartAsync((setting, value)));
        Assert.Contains("Projects:Events", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishers_at_once_get_seqs_without_a_hole_and_keep_their_own_order()
    {
        ProjectClient[] publishers = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(i => fixture.Host.ProjectWorkerAsync($"w{i}")))];
        await Task.WhenAll(publishers.SelectMany((p, i) => Enumerable.Range(0, 50).Select(n => p.PublishAsync(_project, new LogLine($"run-{i}", "info", $"{n}")))));
        await Task.WhenAll(publishers.Select(p => p.DisposeAsync().AsTask()));
        using HttpClient http = await fixture.Host.UserHttpAsync();
        JsonElement[] events = await http.EventsAsync(_project);
        events.AssertDense();
        Assert.Equal(200, events.Length);
        foreach (IGrouping<string?, JsonElement> one in events.GroupBy(e => e.Text("event", "payload", "run_id")))
        {
            Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}"), one.Select(e => e.Text("event", "payload", "text")));
        }
    }
}
