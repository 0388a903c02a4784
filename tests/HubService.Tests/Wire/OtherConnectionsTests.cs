using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Tests.Wire;

/// <summary>Connections beside those whose messages are read directly.</summary>
public class OtherConnectionsTests
{
    /// <summary>
    /// Proxies commonly ask for an upgrade with every request, whatever the client wants. A connection by server-sent events that
    /// came so had its messages looked for on a WebSocket that there was not, and ended with the first one.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_sent_events_work_behind_a_proxy_that_asks_for_an_upgrade(bool direct)
    {
        await using HubHost host = await HubHost.StartAsync(("Wire:Direct", $"{direct}"));
        using HttpClient http = await host.HttpAsync(await host.WorkerTokenAsync());
        JsonElement negotiated = await http.PostAsync("/hubs/agent/negotiate?negotiateVersion=1", null).ReadAsync();
        string address = $"/hubs/agent?id={negotiated.GetProperty("connectionToken").GetString()}";
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Connection.Add("upgrade");
        using HttpResponseMessage events = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await events.Content.ReadAsStreamAsync());
        foreach (string message in (string[])["{\"protocol\":\"json\",\"version\":1}\u001e", FrameClient.Ping(7)])
        {
            using StringContent content = new(message);
            (await http.PostAsync(address, content)).EnsureSuccessStatusCode();
        }

        string? line;
        do
        {
            line = await reader.ReadLineAsync();
            Assert.NotNull(line);
        }
        while (!line.Contains("\"invocationId\":\"7\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_applications_own_hub_and_own_WebSocket_work_beside(bool direct)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration["Streams:Store"] = "memory";
        builder.Configuration["Delivery:DrainTime"] = "00:00:00.2";
        builder.Configuration["Wire:Direct"] = $"{direct}";
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddHubService();
        await using WebApplication app = builder.Build();
        app.MapHubService();
        app.UseWebSockets();
        app.MapHub<OwnHub>("/own").RequireAuthorization();
        app.Map("/echo", EchoAsync).AllowAnonymous();
        await app.StartAsync();
        Uri url = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

        using var http = new HttpClient { BaseAddress = url };
        JsonElement answer = await http.PostAsJsonAsync("/api/dev/token", new { subject = "u", roles = (string[])["user"], streams = (string[])["thread:*"] }).ReadAsync();
        string token = answer.GetProperty("access_token").GetString()!;
        using FrameClient hub = await FrameClient.ConnectAsync(url, token, "/own", ClientFrames.Text("{\"protocol\":\"json\",\"version\":1}\u001e"));
        await hub.SendAsync(ClientFrames.Text("{\"type\":1,\"invocationId\":\"1\",\"target\":\"Twice\",\"arguments\":[21]}\u001e"));
        await hub.AnsweredAsync(1);
        Assert.Contains("\"result\":42", hub.Text, StringComparison.Ordinal);

        using FrameClient echo = await FrameClient.ConnectAsync(url, "none", "/echo");
        await echo.SendAsync(ClientFrames.Text("hello"));
        await echo.ReadUntilAsync(() => echo.Text == "hello");
        await echo.SendAsync(ClientFrames.Goodbye(1000));
        await echo.ReadToEndAsync();
        await hub.SendAsync(ClientFrames.Goodbye(1000));
        await hub.ReadToEndAsync();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        byte[] buffer = new byte[100];
        WebSocketReceiveResult read = await socket.ReceiveAsync(buffer, context.RequestAborted);
        await socket.SendAsync(buffer.AsMemory(0, read.Count), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
    }

    private sealed class OwnHub : Hub
    {
        public int Twice(int number) => Context.ConnectionAborted.IsCancellationRequested ? 0 : 2 * number;
    }
}
