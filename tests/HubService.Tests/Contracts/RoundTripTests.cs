using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;
using HubService.Contracts.Schema;

namespace HubService.Tests.Contracts;

public class RoundTripTests
{
    public static TheoryData<string> Types =>
        [.. ContractCatalog.Agents.All.Concat(ContractCatalog.Projects.All).Concat(ContractCatalog.Sessions.All).Select(d => d.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_has_an_example(string type) => Assert.NotEmpty(ContractExamples.For(Find(type)));

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_example_survives_its_record(string type)
    {
        EventDefinition definition = Find(type);
        foreach (JsonElement example in ContractExamples.For(definition))
        {
            Assert.True(definition.TryRead(example, out object? value, out HubError? error), error?.Message);
            JsonElement written = JsonSerializer.SerializeToElement(value, definition.PayloadInfo);
            Assert.True(JsonElement.DeepEquals(example, written), $"{example} became {written}");
        }
    }

    [Fact]
    public void An_agent_envelope_has_snake_case_keys_and_millisecond_times()
    {
        AgentEvent<ProgressUpdate> e = new(
            1,
            "progress_update",
            "evt_1",
            new ThreadId("thread_1"),
            7,
            "e1",
            new DateTimeOffset(2025, 12, 16, 14, 0, 0, TimeSpan.FromHours(2)),
            new ProgressUpdate(0.5),
            new RunId("run_1"));
        string json = JsonSerializer.Serialize(e, ContractJson.Options);
        Assert.Equal(
            """{"v":1,"type":"progress_update","event_id":"evt_1","thread_id":"thread_1","seq":7,"epoch":"e1","timestamp":"2025-12-16T12:00:00.000Z","payload":{"progress":0.5},"run_id":"run_1"}""",
            json);
        Assert.Equal(e with { Timestamp = e.Timestamp.ToUniversalTime() }, JsonSerializer.Deserialize<AgentEvent<ProgressUpdate>>(json, ContractJson.Options));
    }

    [Fact]
    public void A_project_envelope_keeps_a_raw_payload()
    {
        const string Json = """{"v":1,"type":"EVENT","project_id":"p","seq":3,"epoch":"e1","ts":1705532400003,"event_id":"evt_1","stage":{"id":"TRAIN","index":5,"status":"IN_PROGRESS"},"event":{"name":"X","payload":{"a":{"camelCase":[1.50]}}}}""";
        ProjectEvent<JsonElement>? e = JsonSerializer.Deserialize<ProjectEvent<JsonElement>>(Json, ContractJson.Options);
        Assert.Equal(Json, JsonSerializer.Serialize(e, ContractJson.Options));
    }

    [Fact]
    public void Metrics_are_read_from_both_shapes()
    {
        MetricValue? bare = JsonSerializer.Deserialize<MetricValue>("0.95", ContractJson.Options);
        MetricValue? named = JsonSerializer.Deserialize<MetricValue>("""{"name":"f1","split":"val","value":0.9}""", ContractJson.Options);
        Assert.Equal(new MetricValue(0.95), bare);
        Assert.Equal(new MetricValue(0.9, "f1", "val"), named);
    }

    [Fact]
    public void Results_and_errors_round_trip()
    {
        HubError error = HubError.Invalid("payload.tool_name", "is required");
        PublishResults results = new() { Results = [new PublishResult { Error = error }, new PublishResult { Seq = 1, Epoch = "e1" }] };
        string json = JsonSerializer.Serialize(results, ContractJson.Options);
        PublishResults read = JsonSerializer.Deserialize<PublishResults>(json, ContractJson.Options)!;
        Assert.Equal(json, JsonSerializer.Serialize(read, ContractJson.Options));
        Assert.Equal("payload.tool_name", read.Results[0].Error!.Details!["field"]!.GetValue<string>());
    }

    [Fact]
    public void Lists_absent_on_the_wire_are_empty()
    {
        Assert.Empty(JsonSerializer.Deserialize<PublishResults>("{}", ContractJson.Options)!.Results);
        Assert.Empty(JsonSerializer.Deserialize<ThreadList>("{}", ContractJson.Options)!.Threads);
        Assert.Empty(JsonSerializer.Deserialize<EventPage>("{}", ContractJson.Options)!.Events);
        Assert.Empty(JsonSerializer.Deserialize<ProjectState>("{}", ContractJson.Options)!.Stages);
    }

    [Theory]
    [InlineData("2025-10-31T12:00:00.000000")]
    [InlineData("2025-10-31T12:00:00Z")]
    [InlineData("2025-10-31T13:00:00+01:00")]
    public void Any_iso_time_is_read_as_utc(string text)
    {
        TokenExpiring? e = JsonSerializer.Deserialize<TokenExpiring>($$"""{"expires_at":"{{text}}"}""", ContractJson.Options);
        Assert.Equal("""{"expires_at":"2025-10-31T12:00:00.000Z"}""", JsonSerializer.Serialize(e, ContractJson.Options));
    }

    private static EventDefinition Find(string type) =>
        ContractCatalog.Agents.TryGet(type, out EventDefinition? d) || ContractCatalog.Projects.TryGet(type, out d) || ContractCatalog.Sessions.TryGet(type, out d)
            ? d
            : throw new ArgumentException(type, nameof(type));
}
