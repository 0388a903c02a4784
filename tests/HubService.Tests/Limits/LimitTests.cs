using System.Text.Json;
using HubService.Contracts;

namespace HubService.Tests.Limits;

/// <summary>How much and how often; who goes too far is told, and keeps the connection.</summary>
public class LimitTests
{
    private const string Good = """{"type":"status_update","payload":{"status":"fine"}}""";

    [Fact]
    public async Task Too_many_messages_are_refused_with_the_time_to_wait()
    {
        await using HubHost host = await HubHost.StartAsync(("Limits:MessageBurst", "3"), ("Limits:MessagesPerSecond", "2"));
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        JsonElement refused = default;
        for (int i = 0; i < 10 && refused.ValueKind == JsonValueKind.Undefined; i++)
        {
            JsonElement answer = await user.CallAsync("Ping", i);
            refused = answer.Code() is null ? default : answer;
        }

        Assert.Equal(("rate_limited", "true"), (refused.Code(), refused.Text("error", "retryable")));
        Assert.InRange(refused.GetProperty("error").GetProperty("details").GetProperty("retry_after_ms").GetInt64(), 1, 500);
        JsonElement again = default;
        await Client.Wait.Until(() => (again = user.CallAsync("Ping", 7).Result).Code() is null);
        Assert.Equal(7, again.GetProperty("ts").GetInt64());
    }

    [Fact]
    public async Task A_publishers_connection_may_send_much_more_than_a_persons()
    {
        await using HubHost host = await HubHost.StartAsync(("Limits:MessageBurst", "3"));
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        ThreadId thread = ThreadId.New();
        JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => worker.CallRawAsync("Publish", $"""["{thread}",{Good}]""")));
        Assert.All(answers, a => Assert.Null(a.GetProperty("results")[0].Code()));
        using HttpClient http = await host.WorkerHttpAsync();
        (await http.EventsAsync(thread)).AssertDense();
    }

    [Fact]
    public async Task One_connection_too_many_is_closed_with_the_code_and_there_is_room_again_when_one_leaves()
    {
        await using HubHost host = await HubHost.StartAsync(("Limits:ConnectionsPerUser", "2"));
        string token = await host.TokenAsync("ada");
        RawHubClient first = await RawHubClient.ConnectAsync(host, token);
        await using RawHubClient second = await RawHubClient.ConnectAsync(host, token, "project");
        await first.CallAsync("Ping", 1);
        await second.CallAsync("Ping", 1);
        await using (RawHubClient third = await RawHubClient.ConnectAsync(host, token))
        {
            JsonElement close = await third.UntilAsync(m => m.Text("type") == "7");
            Assert.Contains("connection_limit", close.Text("error"), StringComparison.Ordinal);
        }

        await using RawHubClient other = await RawHubClient.ConnectAsync(host, await host.TokenAsync("grace"));
        Assert.Null((await other.CallAsync("Ping", 1)).Code());
        await first.DisposeAsync();
        await Client.Wait.Until(() => CanConnectAsync(host, token).Result);
    }

    [Fact]
    public async Task A_stream_of_server_sent_events_is_one_of_the_connections()
    {
        await using HubHost host = await HubHost.StartAsync(("Limits:ConnectionsPerUser", "1"));
        string token = await host.TokenAsync("ada");
        using HttpClient http = await host.HttpAsync(token);
        ThreadId thread = new((await http.PostAsync("/api/v1/threads", """{"title":"t"}""")).Text("thread", "thread_id")!);
        await using (await Delivery.SseClient.OpenAsync(host.Url, token, thread.Value))
        {
            await using RawHubClient hub = await RawHubClient.ConnectAsync(host, token);
            Assert.Contains("connection_limit", (await hub.UntilAsync(m => m.Text("type") == "7")).Text("error"), StringComparison.Ordinal);
            using HttpResponseMessage second = await http.GetAsync($"/api/v1/threads/{thread}/stream");
            Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, second.StatusCode);
            Assert.Equal("connection_limit", JsonElement.Parse(await second.Content.ReadAsStringAsync()).Code());
        }

        await Client.Wait.Until(() => CanConnectAsync(host, token).Result);
    }

    /// <summary>Publishing over HTTP had no rate at all: whoever met the limit on a hub could go round it.</summary>
    [Theory]
    [InlineData("application/json", Good)]
    [InlineData("application/json", Good, "Events")]
    [InlineData("application/json", Good, "events/")]
    [InlineData("application/json", $"[{Good},{Good}]")]
    [InlineData("application/x-ndjson", Good)]
    public async Task Too_many_publishes_over_http_are_refused_with_the_time_to_wait(string type, string body, string path = "events")
    {
        await using HubHost host = await HubHost.StartAsync(("Limits:PublisherMessagesPerSecond", "2"));
        using HttpClient http = await host.WorkerHttpAsync();
        using HttpClient other = await host.HttpAsync(await host.WorkerTokenAsync("other"));
        ThreadId thread = ThreadId.New();
        int kept = 0;
        HttpResponseMessage refused = await SendAsync(http);
        while (refused.StatusCode == System.Net.HttpStatusCode.OK)
        {
            kept++;
            refused.Dispose();
            refused = await SendAsync(http);
        }

        using HttpResponseMessage last = refused;
        Assert.True(kept >= 2);
        Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("1", Assert.Single(refused.Headers.GetValues("Retry-After")));
        JsonElement problem = JsonElement.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Equal(("rate_limited", "true"), (problem.Code(), problem.Text("retryable")));
        Assert.InRange(problem.GetProperty("details").GetProperty("retry_after_ms").GetInt64(), 1, 500);

        // Others are not concerned, nor is reading.
        using HttpResponseMessage others = await SendAsync(other);
        Assert.Equal(System.Net.HttpStatusCode.OK, others.StatusCode);
        Assert.NotEmpty(await http.EventsAsync(thread));
        await Client.Wait.Until(() => SendAsync(http).Result.IsSuccessStatusCode);

        Task<HttpResponseMessage> SendAsync(HttpClient by) => by.PostAsync($"/api/v1/threads/{thread}/{path}", new StringContent(body, System.Text.Encoding.UTF8, type));
    }

    [Fact]
    public async Task One_subscription_too_many_is_refused_and_there_is_room_again_after_leaving_one()
    {
        await using HubHost host = await HubHost.StartAsync(("Delivery:SubscriptionsPerConnection", "2"));
        await using RawHubClient client = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        Assert.Null((await client.CallAsync("Subscribe", "a")).Code());
        Assert.Null((await client.CallAsync("Subscribe", "b")).Code());
        Assert.Null((await client.CallAsync("Subscribe", "a")).Code());
        Assert.Equal("subscription_limit", (await client.CallAsync("Subscribe", "c")).Code());
        Assert.Null((await client.CallAsync("Unsubscribe", "a")).Code());
        Assert.Null((await client.CallAsync("Subscribe", "c")).Code());
    }

    [Fact]
    public async Task A_publish_of_too_many_events_or_bytes_is_refused_as_a_whole()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        using HttpClient http = await host.WorkerHttpAsync();
        ThreadId thread = ThreadId.New();
        string many = $"[{string.Join(',', Enumerable.Repeat(Good, 501))}]";
        string large = $"[{string.Join(',', Enumerable.Repeat($$$"""{"type":"status_update","payload":{"status":"{{{new string('x', 60_000)}}}"} }""", 18))}]";
        foreach (string events in new[] { many, large })
        {
            Assert.Equal("payload_too_large", (await worker.CallRawAsync("Publish", $"""["{thread}",{events}]""")).Code());
            Assert.Equal("payload_too_large", (await http.PublishAsync(thread, events)).Code());
        }

        Assert.Equal("payload_too_large", (await http.PublishAsync(thread, $"\"{new string('x', 2_000_000)}\"")).Code());
        Assert.Empty(await http.EventsAsync(thread));
        string most = $"[{string.Join(',', Enumerable.Repeat(Good, 500))}]";
        Assert.Null((await worker.CallRawAsync("Publish", $"""["{thread}",{most}]""")).Code());
        Assert.Equal(500, (await http.EventsAsync(thread)).Length);
    }

    [Fact]
    public async Task What_a_person_says_has_the_limits_of_an_event_too()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        string deep = new string('[', 32) + new string(']', 32);
        Assert.Equal("invalid_message", (await user.CallAsync("SendMessage", new { text = new string('x', 32_001) })).Code());
        Assert.Equal("payload_too_large", (await user.CallAsync("SendMessage", new { text = "t", metadata = new { x = new string('x', 70_000) } })).Code());
        Assert.Equal("nesting_too_deep", (await user.CallRawAsync("SendMessage", $$"""[{"text":"t","metadata":{"x":{{deep}}} }]""")).Code());
        Assert.Equal("payload_too_large", (await user.CallAsync("ProvideInput", "r", new string('x', 70_000))).Code());
        Assert.Equal("nesting_too_deep", (await user.CallRawAsync("ProvideInput", $"""["r",{deep}]""")).Code());
        Assert.Empty((await user.CallAsync("ListThreads")).GetProperty("threads").EnumerateArray());
    }

    private static async Task<bool> CanConnectAsync(HubHost host, string token)
    {
        try
        {
            await using RawHubClient client = await RawHubClient.ConnectAsync(host, token);
            return (await client.CallAsync("Ping", 1)).Code() is null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.Net.WebSockets.WebSocketException)
        {
            return false;
        }
    }
}
