using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using HubService.Contracts;

namespace HubService.Tests.Validation;

/// <summary>Text that is no proper message: it is answered with a code, and the connection goes on.</summary>
public class BadFrameTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private const string Good = """{"type":"status_update","payload":{"status":"fine"}}""";

    public static readonly TheoryData<string, string> Arguments = new()
    {
        { """["t",{"type":"status_update","payload":{"status":NaN}}]""", "invalid_json" },
        { """["t",{"type":"status_update","payload":{"status":Infinity}}]""", "invalid_json" },
        { """["t",{"type":"status_update","payload":{"status":"x"}]""", "invalid_json" },
        { """["t",{"type":"status_update","type":"agent_started","payload":{"status":"x"}}]""", "invalid_json" },
        { """["t",{"type":"status_update","\udc00":"x"}]""", "invalid_json" },
        { $"""["t",{new string('[', 100)}{new string(']', 100)}]""", "nesting_too_deep" },
        { """["t",1,2,3,4]""", "invalid_message" },
        { "[7,[]]", "invalid_message" },
        { "[]", "invalid_message" },
        { "{}", "invalid_message" },
    };

    [Theory]
    [MemberData(nameof(Arguments))]
    public async Task Arguments_that_cannot_be_read_are_answered_and_the_connection_goes_on(string arguments, string code)
    {
        ThreadId thread = ThreadId.New();
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.WorkerTokenAsync());
        JsonElement completion = await publisher.CompleteAsync("Publish", arguments);
        Assert.Contains($"\"code\":\"{code}\"", completion.Text("error") ?? completion.GetRawText(), StringComparison.Ordinal);
        await AssertGoesOnAsync(publisher, thread);
    }

    [Theory]
    [InlineData("not json", "invalid_json")]
    [InlineData("", "invalid_json")]
    [InlineData("[1,2]", "invalid_message")]
    [InlineData("{}", "invalid_message")]
    [InlineData("""{"type":"1","target":"Ping"}""", "invalid_message")]
    [InlineData("""{"type":1,"target":"Ping","arguments":[1]""", "invalid_json")]
    [InlineData("""{"type":1,"arguments":[1]}""", "invalid_message")]
    public async Task A_frame_that_names_no_call_is_answered_too_and_the_connection_goes_on(string frame, string code)
    {
        ThreadId thread = ThreadId.New();
        await using RawHubClient publisher = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.WorkerTokenAsync());
        await publisher.SendAsync(frame);
        JsonElement answer = await publisher.UntilAsync(m => m.Text("invocationId") == "unreadable");
        Assert.Contains($"\"code\":\"{code}\"", answer.Text("error"), StringComparison.Ordinal);
        await AssertGoesOnAsync(publisher, thread);
    }

    [Fact]
    public async Task A_message_of_an_unknown_kind_is_skipped_as_the_protocol_says()
    {
        await using RawHubClient client = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.WorkerTokenAsync());
        await client.SendAsync("""{"type":99}""");
        await client.SendAsync("""{"type":2,"invocationId":"nobody","item":1}""");
        await client.SendAsync("""{"type":3,"invocationId":"nobody","result":1}""");
        await client.SendAsync("""{"type":5,"invocationId":"nobody"}""");
        await AssertGoesOnAsync(client, ThreadId.New());
    }

    [Fact]
    public async Task A_method_that_does_not_exist_is_named()
    {
        await using RawHubClient client = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.WorkerTokenAsync());
        JsonElement completion = await client.CompleteAsync("Dance", "[]");
        Assert.Contains("invalid_message", completion.Text("error"), StringComparison.Ordinal);
        await AssertGoesOnAsync(client, ThreadId.New());
    }

    [Fact]
    public async Task An_empty_array_of_events_is_refused()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        JsonElement answer = await http.PublishAsync(ThreadId.New(), "[]");
        Assert.Equal(("invalid_message", "events"), (answer.Code(), answer.Field()));
    }

    [Theory]
    [InlineData("nonsense", "invalid_json")]
    [InlineData("", "invalid_json")]
    [InlineData("""{"type":"status_update","payload":{"status":NaN}}""", "invalid_json")]
    [InlineData("""{"type":"status_update","type":"custom"}""", "invalid_json")]
    [InlineData("""{"type":"status_update","\udc00":"x"}""", "invalid_json")]
    [InlineData("""{"type":"status_update",""", "invalid_json")]
    [InlineData("7", "invalid_message")]
    public async Task A_body_that_cannot_be_read_is_refused(string body, string code)
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        Assert.Equal(code, (await http.PublishAsync(ThreadId.New(), body)).Code());
    }

    [Fact]
    public async Task A_hundred_levels_over_http_are_nested_too_deep()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        string body = $$$"""{"type":"custom","payload":{"name":"n","value":{{{new string('[', 100)}}}{{{new string(']', 100)}}} } }""";
        Assert.Equal("nesting_too_deep", (await http.PublishAsync(ThreadId.New(), body)).Code());
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_invalid_json_over_http()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        byte[] body = [.. """{"type":"status_update","payload":{"status":" """u8, 0xff, 0xfe, .. "\"}}"u8];
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        JsonElement answer = await http.PostAsync($"/api/v1/threads/{ThreadId.New()}/events", content).ReadAsync();
        Assert.Equal("invalid_json", answer.Code());
    }

    [Fact]
    public async Task Text_that_is_not_utf8_closes_its_own_socket_only()
    {
        string token = await fixture.Host.WorkerTokenAsync();
        await using RawHubClient bystander = await RawHubClient.ConnectAsync(fixture.Host, token);
        await using RawHubClient client = await RawHubClient.ConnectAsync(fixture.Host, token);
        await client.SendAsync([.. Encoding.UTF8.GetBytes("""{"type":1,"target":"Ping","arguments":[" """), 0xff, .. Encoding.UTF8.GetBytes("\"]}\u001e")], WebSocketMessageType.Text);
        await Client.Wait.Until(() => client.Closed);
        Assert.Contains(client.ClosedWith, new WebSocketCloseStatus?[] { WebSocketCloseStatus.InvalidPayloadData, null });
        await AssertGoesOnAsync(bystander, ThreadId.New());
    }

    private static async Task AssertGoesOnAsync(RawHubClient client, ThreadId thread)
    {
        Assert.Equal(7, (await client.CallAsync("Ping", 7)).GetProperty("ts").GetInt64());
        JsonElement published = await client.CallRawAsync("Publish", $"""["{thread}",{Good}]""");
        Assert.Equal(1, published.GetProperty("results")[0].GetProperty("seq").GetInt64());
    }
}
