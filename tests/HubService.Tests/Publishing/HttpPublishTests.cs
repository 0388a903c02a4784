using System.Text;
using System.Text.Json;
using HubService.Contracts;

namespace HubService.Tests.Publishing;

/// <summary>Publishing over HTTP: one event, many, or a stream of lines.</summary>
public class HttpPublishTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private const string Good = """{"type":"status_update","payload":{"status":"fine"}}""";
    private readonly ThreadId _thread = ThreadId.New();

    [Fact]
    public async Task One_event_is_answered_with_its_result_and_many_with_theirs()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement one = await http.PublishAsync(_thread, Good);
        Assert.Equal(1, one.GetProperty("seq").GetInt64());
        Assert.NotNull(one.Text("event_id"));
        Assert.NotNull(one.Text("epoch"));
        JsonElement many = await http.PublishAsync(_thread, $"[{Good},{Good}]");
        Assert.Equal([2L, 3L], many.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("seq").GetInt64()));
    }

    [Fact]
    public async Task An_idempotency_key_makes_a_single_event_safe_to_send_again()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        http.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");
        JsonElement first = await http.PublishAsync(_thread, Good), again = await http.PublishAsync(_thread, Good);
        Assert.Equal(("key-1", "1", "true"), (first.Text("event_id"), again.Text("seq"), again.Text("duplicate")));
        Assert.Equal("Idempotency-Key", (await http.PublishAsync(_thread, $"[{Good}]")).Field());
        Assert.Equal("event_id", (await http.PublishAsync(_thread, """{"event_id":"other","type":"status_update","payload":{"status":"s"}}""")).Field());
        Assert.Single(await http.EventsAsync(_thread));
    }

    [Fact]
    public async Task A_key_that_another_publisher_used_is_refused()
    {
        using HttpClient mine = await fixture.Host.WorkerHttpAsync(), theirs = await fixture.Host.HttpAsync(await fixture.Host.WorkerTokenAsync("other"));
        const string Keyed = """{"event_id":"e","type":"status_update","payload":{"status":"fine"}}""";
        await mine.PublishAsync(_thread, Keyed);
        JsonElement refused = await theirs.PublishAsync(_thread, Keyed);
        Assert.Equal(("invalid_message", "event_id"), (refused.Code(), refused.Field()));
        ProjectId project = new(Ids.New("project-"));
        await mine.PublishAsync(project, """{"event_id":"e","name":"LOG_LINE","payload":{"run_id":"r","level":"info","text":"one"}}""");
        Assert.Equal("true", (await mine.PublishAsync(project, """{"event_id":"e","name":"LOG_LINE","payload":{"run_id":"r","level":"info","text":"one"}}""")).Text("duplicate"));
        Assert.Equal("event_id", (await mine.PublishAsync(project, """{"event_id":"e","name":"LOG_LINE","payload":{"run_id":"r","level":"info","text":"two"}}""")).Field());
    }

    [Fact]
    public async Task A_stream_of_lines_is_answered_line_by_line_while_it_is_still_open()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        using OpenRequest request = await OpenRequest.SendAsync(fixture.Host, $"/api/v1/threads/{_thread}/events", "application/x-ndjson", await fixture.Host.WorkerTokenAsync());
        await request.WriteAsync(Good + "\n");
        Assert.Equal("1", (await request.NextAsync()).Text("seq"));
        foreach ((string line, string code) in new[] { ("nonsense", "invalid_json"), ("""{"type":"nope"}""", "unknown_type"), (new string('x', 1_200_000), "payload_too_large") })
        {
            await request.WriteAsync(line + "\n");
            Assert.Equal(code, (await request.NextAsync()).Code());
        }

        await request.WriteAsync($"\n{Good}\n");
        Assert.Equal("2", (await request.NextAsync()).Text("seq"));
        await request.WriteAsync(Good);
        await request.EndAsync();
        Assert.Equal("3", (await request.NextAsync()).Text("seq"));
        (await http.EventsAsync(_thread)).AssertDense();
    }

    [Fact]
    public async Task A_stream_of_lines_may_be_longer_than_any_other_request()
    {
        await using HubHost host = await HubHost.StartAsync(b => b.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = 10_000));
        using HttpClient http = await host.WorkerHttpAsync();
        using StringContent lines = new(string.Join('\n', Enumerable.Repeat(Good, 1_000)), Encoding.UTF8, "application/x-ndjson");
        using HttpResponseMessage response = await http.PostAsync($"/api/v1/threads/{_thread}/events", lines);
        string[] answers = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(1, 1_000).Select(i => $"{i}"), answers.Select(a => JsonElement.Parse(a).Text("seq")));
        Assert.Equal("payload_too_large", (await http.PublishAsync(_thread, $"[{string.Join(',', Enumerable.Repeat(Good, 400))}]")).Code());
    }

    [Fact]
    public async Task A_stream_of_lines_to_what_is_not_granted_is_refused_in_its_first_line()
    {
        using HttpClient http = await fixture.Host.UserHttpAsync();
        JsonElement answer = await http.PostAsync($"/api/v1/threads/{_thread}/events", Good, "application/x-ndjson");
        Assert.Equal("forbidden", answer.Code());
    }

    [Fact]
    public async Task A_publish_stream_on_the_hub_is_answered_item_by_item()
    {
        await using RawHubClient worker = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.WorkerTokenAsync());
        await worker.SendAsync($$"""{"type":4,"invocationId":"s","target":"PublishStream","arguments":["{{_thread}}"],"streamIds":["up"]}""");
        foreach ((string item, string? code) in new[] { (Good, null), ("{}", "invalid_message"), (Good, (string?)null) })
        {
            int before = Items().Count;
            await worker.SendAsync($$"""{"type":2,"invocationId":"up","item":{{item}}}""");
            await Client.Wait.Until(() => Items().Count > before);
            Assert.Equal(code, Items()[^1].Code());
        }

        Assert.Equal(7, (await worker.CallAsync("Ping", 7)).GetProperty("ts").GetInt64());
        await worker.SendAsync("""{"type":3,"invocationId":"up"}""");
        await worker.UntilAsync(m => m.Text("invocationId") == "s" && m.Text("type") == "3");
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        (await http.EventsAsync(_thread)).AssertDense();

        IReadOnlyList<JsonElement> Items() => [.. worker.Received.Where(m => m.Text("invocationId") == "s" && m.Text("type") == "2").Select(m => m.GetProperty("item"))];
    }

    [Fact]
    public async Task A_persons_own_stream_takes_events_of_a_publisher()
    {
        using HttpClient worker = await fixture.Host.WorkerHttpAsync();
        using HttpClient ada = await fixture.Host.UserHttpAsync("ada-own");
        using HttpClient eve = await fixture.Host.UserHttpAsync("eve-own");
        JsonElement sent = await worker.PostAsync("/api/v1/users/ada-own/events", """{"type":"system_message","thread_id":"t1","payload":{"text":"hello"}}""");
        Assert.Equal("1", sent.Text("seq"));
        JsonElement page = await ada.GetAsync("/api/v1/users/ada-own/events").ReadAsync();
        Assert.Equal(("hello", "t1"), (page.GetProperty("events")[0].Text("payload", "text"), page.GetProperty("events")[0].Text("thread_id")));
        Assert.Equal("not_found", (await eve.GetAsync("/api/v1/users/ada-own/events").ReadAsync()).Code());
        Assert.Equal("forbidden", (await ada.PostAsync("/api/v1/users/ada-own/events", """{"type":"system_message","payload":{"text":"x"}}""")).Code());
        Assert.Equal("forbidden", (await worker.PostAsync("/api/v1/users/ada-own/events", """{"type":"thread_created","payload":{}}""")).Code());
    }

    /// <summary>A compressed body was read as if it were JSON, and the answer spoke of invalid UTF-8.</summary>
    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task A_compressed_body_is_refused_by_name(string type)
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        using StringContent body = new(Good, Encoding.UTF8, type);
        body.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage response = await http.PostAsync($"/api/v1/threads/{_thread}/events", body);
        JsonElement problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((415, "invalid_message", "Content-Encoding"), ((int)response.StatusCode, problem.Code(), problem.Field()));
        Assert.Empty(await http.EventsAsync(_thread));
    }
}
