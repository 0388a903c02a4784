using System.Text.Json;
using HubService.Contracts;
using HubService.Validation;

namespace HubService.Tests.Validation;

/// <summary>Each wrong event is answered with its code and field, on the hub and over HTTP, and does no harm.</summary>
public class BadEventTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private const string Good = """{"type":"status_update","payload":{"status":"fine"}}""";

    public static readonly TheoryData<string, string, string?> Events = new()
    {
        { "42", "invalid_message", "event" },
        { "null", "invalid_message", "event" },
        { "\"text\"", "invalid_message", "event" },
        { "[]", "invalid_message", "event" },
        { "{}", "invalid_message", "type" },
        { """{"type":7,"payload":{}}""", "invalid_message", "type" },
        { """{"type":"","payload":{}}""", "invalid_message", "type" },
        { """{"type":"agent_thinking","run_id":"run_1"}""", "invalid_message", "payload.thought" },
        { """{"type":"agent_thinking","run_id":"run_1","payload":null}""", "invalid_message", "payload" },
        { """{"type":"agent_thinking","run_id":"run_1","payload":[]}""", "invalid_message", "payload" },
        { """{"type":"agent_thinking","run_id":"run_1","payload":{"thought":7}}""", "invalid_message", "payload.thought" },
        { """{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"t","progress":1.5}}""", "invalid_message", "payload.progress" },
        { """{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"t","progress":"0.5"}}""", "invalid_message", "payload.progress" },
        { """{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"t","progress":1e999}}""", "invalid_message", "payload.progress" },
        { """{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"t","step":99999999999999999999}}""", "invalid_message", "payload.step" },
        { """{"type":"agent_thinking","run_id":"run_1","payload":{"thought":"\ud800"}}""", "invalid_message", "payload.thought" },
        { """{"type":"\ud800","payload":{}}""", "invalid_message", "type" },
        { """{"type":"agent_thinking","payload":{"thought":"t"}}""", "invalid_message", "run_id" },
        { """{"type":"status_update","run_id":"thread_1","payload":{"status":"x"}}""", "invalid_message", "run_id" },
        { """{"type":"status_update","run_id":"run_ä","payload":{"status":"x"}}""", "invalid_message", "run_id" },
        { """{"type":"status_update","event_id":"a b","payload":{"status":"x"}}""", "invalid_message", "event_id" },
        { """{"type":"status_update","event_id":7,"payload":{"status":"x"}}""", "invalid_message", "event_id" },
        { """{"type":"status_update","thread_id":"another","payload":{"status":"x"}}""", "invalid_message", "thread_id" },
        { """{"type":"status_update","v":2,"payload":{"status":"x"}}""", "invalid_message", "v" },
        { """{"type":"status_update","data":{"status":"x"}}""", "invalid_message", "data" },
        { """{"type":"status_update","payload":{"status":"x"},"colour":"red"}""", "invalid_message", "colour" },
        { """{"type":"status_update","payload":{"status":"x"},"seq":1}""", "invalid_message", "seq" },
        { """{"type":"status_update","payload":{"status":"x"},"epoch":"e"}""", "invalid_message", "epoch" },
        { """{"type":"status_update","payload":{"status":"x"},"timestamp":"2025-01-01T00:00:00Z"}""", "invalid_message", "timestamp" },
        { """{"type":"status_update","payload":{"status":"x"},"user_id":"eve"}""", "invalid_message", "user_id" },
        { """{"type":"status_update","payload":{"status":"x"},"metadata":"m"}""", "invalid_message", "metadata" },
        { """{"type":"no_such_type","payload":{}}""", "unknown_type", "type" },
        { """{"type":"thread_created","payload":{}}""", "forbidden", "type" },
        { """{"type":"thread_updated","payload":{}}""", "forbidden", "type" },
        { """{"type":"thread_update","payload":{}}""", "forbidden", "type" },
        { """{"type":"thread_deleted","payload":{}}""", "forbidden", "type" },

        // A publisher spoke for a person: its name stood in the envelope, and readers took the words for the person's.
        { """{"type":"user_message","payload":{"message_id":"m","text":"t"}}""", "forbidden", "type" },
        { """{"type":"user_message","payload":{"message_id":"m","text":"t","run_id":"run_1"}}""", "forbidden", "type" },
        { """{"type":"input_provided","payload":{"request_id":"r","value":1}}""", "forbidden", "type" },
        { """{"type":"agent_thinking","run_id":"run_none","payload":{"thought":"t"}}""", "run_not_started", null },
        { $$$"""{"type":"status_update","payload":{"status":"{{{new string('x', 66_000)}}}"} }""", "payload_too_large", null },
        { $$$"""{"type":"custom","payload":{"name":"deep","value":{{{Deep(33)}}} } }""", "nesting_too_deep", "payload" },
        { $$$"""{"type":"status_update","payload":{"status":"x"},"metadata":{"deep":{{{Deep(33)}}} } }""", "nesting_too_deep", "metadata" },
    };

    /// <summary>It was forwarded, in an envelope that broke its own schema.</summary>
    [Fact]
    public void On_a_users_stream_the_thread_is_an_id()
    {
        EventValidator validator = new(65_536, 32, new AdditionalEvents());
        Assert.Null(validator.Check(StreamKind.User, "user_1", About("thread_1"), out ValidEvent valid));
        Assert.Equal("thread_1", valid.ThreadId);
        Assert.Equal("thread_id", validator.Check(StreamKind.User, "user_1", About("a b"), out _)?.Details?["field"]?.GetValue<string>());

        static JsonElement About(string thread) => JsonElement.Parse($$$"""{"type":"status_update","payload":{"status":"x"},"thread_id":"{{{thread}}}"}""");
    }

    [Theory]
    [MemberData(nameof(Events))]
    public async Task A_wrong_event_is_refused_by_code_and_field_on_the_hub_and_the_connection_goes_on(string json, string code, string? field)
    {
        ThreadId thread = ThreadId.New();
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.WorkerTokenAsync());
        JsonElement answer = await publisher.CallRawAsync("Publish", $"""["{thread}",[{Good},{json},{Good}]]""");
        JsonElement[] results = [.. answer.GetProperty("results").EnumerateArray()];
        Assert.Equal([null, code, null], results.Select(r => r.Code()));
        Assert.Equal(field, results[1].Field());
        Assert.NotNull(results[1].Text("error", "trace_id"));
        if (field is not null)
        {
            Assert.Contains(field, results[1].Text("error", "message"), StringComparison.Ordinal);
        }

        Assert.Equal(7, (await publisher.CallAsync("Ping", 7)).GetProperty("ts").GetInt64());
        Assert.Null((await publisher.CallRawAsync("Publish", $"""["{thread}",{Good}]""")).Code());
        await AssertHoldsAsync(thread, 3);
    }

    [Theory]
    [MemberData(nameof(Events))]
    public async Task A_wrong_event_is_refused_by_code_and_field_over_http(string json, string code, string? field)
    {
        ThreadId thread = ThreadId.New();
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement answer = await http.PublishAsync(thread, $"[{Good},{json}]");
        JsonElement[] results = [.. answer.GetProperty("results").EnumerateArray()];
        Assert.Equal([null, code], results.Select(r => r.Code()));
        Assert.Equal(field, results[1].Field());
        await AssertHoldsAsync(thread, 1);
    }

    [Fact]
    public async Task Thirty_two_levels_are_accepted()
    {
        ThreadId thread = ThreadId.New();
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.WorkerTokenAsync());
        JsonElement answer = await publisher.CallRawAsync("Publish", $$$"""["{{{thread}}}",{"type":"custom","payload":{"name":"deep","value":{{{Deep(31)}}}},"metadata":{"m":{{{Deep(31)}}}}}]""");
        Assert.Null(answer.GetProperty("results")[0].Code());
        await AssertHoldsAsync(thread, 1);
    }

    [Fact]
    public async Task A_refused_name_comes_with_a_hint()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        foreach ((string name, string hint) in new[] { ("chat_message", "SendMessage"), ("message_sent", "SendMessage"), ("message_received", "user_message"), ("response_generated", "agent_message") })
        {
            JsonElement answer = await http.PublishAsync(ThreadId.New(), $$"""{"type":"{{name}}","payload":{} }""");
            Assert.Equal("unknown_type", answer.Code());
            Assert.Contains(hint, answer.Text("detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_deprecated_name_is_published_under_the_current_one_and_counted()
    {
        ThreadId thread = ThreadId.New();
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        foreach (string json in new[]
        {
            """{"type":"agent_started","run_id":"run_old","payload":{"agent_name":"a"}}""",
            """{"type":"tool_call","run_id":"run_old","payload":{"tool_call_id":"c","tool_name":"t"}}""",
            """{"type":"tool_result","run_id":"run_old","payload":{"tool_call_id":"c","tool_name":"t","status":"ok","duration_ms":1}}""",
            """{"type":"stream_chunk","run_id":"run_old","payload":{"message_id":"m","delta":"d","stream_index":0}}""",
            """{"type":"partial_result","run_id":"run_old","payload":{"message_id":"m","delta":"d","stream_index":1}}""",
            """{"type":"agent_progress","run_id":"run_old","payload":{"progress":0.5}}""",
            """{"type":"agent_update","run_id":"run_old","payload":{"progress":0.6}}""",
            """{"type":"agent_finished","run_id":"run_old","payload":{"status":"success","duration_ms":1}}""",
        })
        {
            JsonElement result = await http.PublishAsync(thread, json);
            Assert.True(result.Code() is null, result.GetRawText());
        }

        Assert.Equal(
            ["agent_started", "tool_executing", "tool_completed", "agent_streaming", "agent_streaming", "progress_update", "progress_update", "agent_completed"],
            (await http.EventsAsync(thread)).Types());
        string metrics = await http.GetStringAsync("/metrics");
        Assert.Contains("hubservice_events_deprecated", metrics, StringComparison.Ordinal);
        Assert.Contains("name=\"tool_call\"", metrics, StringComparison.Ordinal);
    }

    private static string Nested(int levels) => $$$"""{"type":"custom","payload":{"name":"deep","value":{{{Deep(levels)}}} },"metadata":{"m":{{{Deep(levels)}}} } }""";

    private static string Deep(int levels) => new string('[', levels) + new string(']', levels);

    private async Task AssertHoldsAsync(ThreadId thread, int count)
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement[] events = await http.EventsAsync(thread);
        Assert.Equal(count, events.Length);
        events.AssertDense();
    }
}
