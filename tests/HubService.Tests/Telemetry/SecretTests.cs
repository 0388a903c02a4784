using System.Diagnostics;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using HubService.Tests.Access;

namespace HubService.Tests.Telemetry;

[Collection(RecordedSpans.Name)]
public class SecretTests
{
    [Theory]
    [InlineData("Logging:LogLevel:Default", "Trace")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Trace")]
    [InlineData("Logging:LogCapture:LogLevel:Default", "Trace")]
    public async Task No_log_line_and_no_span_shows_the_query_string(string setting, string level)
    {
        await using TelemetryHost host = await TelemetryHost.StartAsync((setting, level));
        string good = TestToken.Sign();
        string bad = TestToken.Sign(key: new byte[32]);

        await CallAsync(host, good);
        using (HttpResponseMessage refused = await host.Client.GetAsync($"/hubs/agent?access_token={bad}"))
        {
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        await SendBrokenRequestAsync(host, good);
        await Eventually.True(() => host.Spans.Spans.Any(s => s.DisplayName.EndsWith("Echo", StringComparison.Ordinal)) && host.Spans.Spans.Count(s => s.OperationName.Contains("HttpRequestIn", StringComparison.Ordinal)) >= 2);

        Assert.NotEmpty(host.Logs.Lines);
        Assert.DoesNotContain(host.Logs.Lines, l => Shows(l, good) || Shows(l, bad));
        Assert.DoesNotContain(host.Spans.Spans, s => Shows(Everything(s), good) || Shows(Everything(s), bad));
    }

    [Fact]
    public async Task The_scrubber_removes_queries_from_every_attribute_that_holds_an_address()
    {
        await using TelemetryHost host = await TelemetryHost.StartAsync();
        using ActivitySource source = new(HubService.Telemetry.MetricNames.Source);
        Activity span = source.StartActivity("scrub me")!;
        span.SetTag("url.query", "?access_token=secret").SetTag("url.full", "http://h/p?access_token=secret").SetTag("http.target", "/p?access_token=secret");
        span.Dispose();

        Activity kept = host.Spans.Spans.Single(s => s.DisplayName == "scrub me");
        Assert.DoesNotContain("secret", Everything(kept), StringComparison.Ordinal);
        Assert.Equal("http://h/p", kept.GetTagItem("url.full"));
    }

    private static bool Shows(string text, string token) => token.Split('.').Skip(1).Any(p => text.Contains(p, StringComparison.Ordinal));

    private static string Everything(Activity span) =>
        span.DisplayName + string.Join(' ', span.TagObjects.Select(t => $"{t.Key}={t.Value}")) + string.Join(' ', span.Events.SelectMany(e => e.Tags).Select(t => $"{t.Value}"));

    private static async Task CallAsync(TelemetryHost host, string token)
    {
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{host.Address.Port}/hubs/agent?access_token={token}"), TestContext.Current.CancellationToken);
        foreach (string frame in (string[])["""{"protocol":"json","version":1}""", """{"type":1,"invocationId":"1","target":"Echo","arguments":["hello"]}"""])
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(frame + '\u001e'), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        }

        byte[] buffer = new byte[4096];
        StringBuilder received = new();
        while (!received.ToString().Contains("\"result\":\"hello\"", StringComparison.Ordinal))
        {
            WebSocketReceiveResult result = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.NotEqual(WebSocketMessageType.Close, result.MessageType);
            received.Append(Encoding.UTF8.GetString(buffer, 0, result.Count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
    }

    // Kestrel logs request lines that it cannot parse.
    private static async Task SendBrokenRequestAsync(TelemetryHost host, string token)
    {
        using TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", host.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /hubs/agent?access_token={token} HTTP/9.9\r\n\r\n"));
        using StreamReader reader = new(client.GetStream());
        Assert.Contains(" 505 ", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }
}
