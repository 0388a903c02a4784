using System.Net;
using System.Text.Json;
using HubService.Delivery;
using HubService.Tests.Client;
using HubService.Tests.Delivery;
using HubService.Wire;
using Microsoft.AspNetCore.Connections.Features;

namespace HubService.Tests.Wire;

/// <summary>The same talk over every way that a hub's messages can take to a client.</summary>
public class DirectWritesTests
{
    public enum Way
    {
        /// <summary>SignalR writes.</summary>
        Plain,

        /// <summary>Straight to the socket.</summary>
        Direct,

        /// <summary>Below SignalR, through Kestrel and TLS.</summary>
        DirectTls,

        /// <summary>SignalR writes, through TLS.</summary>
        PlainTls,
    }

    [Theory]
    [InlineData(Way.Plain)]
    [InlineData(Way.Direct)]
    [InlineData(Way.DirectTls)]
    [InlineData(Way.PlainTls)]
    public async Task Answers_and_events_come_whole_and_in_order(Way way)
    {
        using OwnCertificate own = new();
        bool direct = way is not (Way.Plain or Way.PlainTls);
        await using HubHost host = await HubHost.StartAsync(
            b => b.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => _ = way is Way.DirectTls or Way.PlainTls ? o.UseHttps(own.Certificate) : o)),
            ("Wire:Direct", $"{direct}"),
            ("Limits:PublisherMessagesPerSecond", "100000"));
        Outboxes outboxes = host.Services.GetRequiredService<Outboxes>();
        Reader reader = new();
        WireClient client = await WireClient.ConnectAsync(host.Url, await Token(host.Url, own), onFrame: f => f.Span.StartsWith("{\"type\":3"u8) ? default : reader.Take(f), tls: own.Trusting);
        await client.SubscribeAsync("t", ":0");

        // Small and large, one by one and in batches, with calls in between that are answered on the same connection.
        long published = 0;
        for (int i = 0; i < 60; i++)
        {
            object[] events = [.. Enumerable.Range(0, 1 + (i % 7)).Select(n => Delivery.Publishing.Event(new string('x', 1 + (n * i * 97))))];
            Task<JsonElement> ping = client.InvokeAsync("Ping", (long)i);
            JsonElement answer = await client.InvokeAsync("Publish", "t", events);
            published = answer.GetProperty("results").EnumerateArray().Last().GetProperty("seq").GetInt64();
            Assert.Equal(i, (await ping).GetProperty("ts").GetInt64());
        }

        await Wait.Until(() => reader.Last == published);
        Assert.Empty(reader.Wrong);
        Assert.Empty(reader.Told);
        Assert.Equal(
            way switch { Way.Direct => true, Way.DirectTls => false, _ => null },
            outboxes.All.Single().Connection.Features.Get<DirectConnection>()?.Writer?.IsViaSocket);
        await client.DisposeAsync();
        await Wait.Until(() => !outboxes.All.Any());
    }

    [Theory]
    [InlineData(Way.Plain)]
    [InlineData(Way.Direct)]
    [InlineData(Way.DirectTls)]
    public async Task A_refused_handshake_is_answered_and_closed(Way way)
    {
        using OwnCertificate own = new();
        await using HubHost host = await HubHost.StartAsync(
            b => b.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => _ = way is Way.DirectTls ? o.UseHttps(own.Certificate) : o)),
            ("Wire:Direct", $"{way is not Way.Plain}"));
        using System.Net.WebSockets.ClientWebSocket socket = new();
        using var handler = new SocketsHttpHandler { SslOptions = own.Trusting };
        using var invoker = new HttpMessageInvoker(handler);
        string scheme = host.Url.Scheme == "https" ? "wss" : "ws";
        await socket.ConnectAsync(new UriBuilder(host.Url) { Scheme = scheme, Path = "/hubs/agent", Query = $"access_token={await Token(host.Url, own)}" }.Uri, invoker, CancellationToken.None);
        await socket.SendAsync("{\"protocol\":\"morse\",\"version\":1}\u001e"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, CancellationToken.None);
        byte[] buffer = new byte[4096];
        System.Net.WebSockets.WebSocketReceiveResult read = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Contains("morse", System.Text.Encoding.UTF8.GetString(buffer, 0, read.Count));
        Assert.Equal(System.Net.WebSockets.WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType);
        await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    [Fact]
    public async Task A_client_that_takes_not_even_the_goodbye_is_cut()
    {
        int open = 0;
        await using HubHost host = await HubHost.StartAsync(
            b => b.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => o.Use(next => async connection =>
            {
                connection.Features.Get<IConnectionSocketFeature>()!.Socket.SendBufferSize = 8192;
                Interlocked.Increment(ref open);
                try
                {
                    await next(connection);
                }
                finally
                {
                    Interlocked.Decrement(ref open);
                }
            }))),
            ("Wire:CloseTimeout", "00:00:00.5"));
        string token = await host.WorkerTokenAsync();
        await Wait.Until(() => Volatile.Read(ref open) == 0);
        Outboxes outboxes = host.Services.GetRequiredService<Outboxes>();
        TaskCompletionSource read = new();
        WireClient client = await WireClient.ConnectAsync(host.Url, token, receiveBuffer: 4096, onFrame: async _ => await read.Task);
        await Wait.Until(() => outboxes.All.Any());
        Outbox outbox = outboxes.All.Single();
        DirectWriter writer = outbox.Connection.Features.Get<DirectConnection>()!.Writer!;
        var message = new OutboundMessage(JsonInvocation.Frame("Nothing", new string('x', 1_000)));
        while (!writer.IsStalled(TimeSpan.FromMilliseconds(100)))
        {
            // No more than the goodbye still finds room behind.
            _ = writer.IsStalled(TimeSpan.Zero) || outbox.Send(message);
            await Task.Yield();
        }

        // The hub leaves at the client's wish; what is left of the connection is the transport, which says goodbye.
        await client.SendAsync("""{"type":7}""");
        await Wait.Until(() => !outboxes.All.Any());
        await Wait.Until(() => Volatile.Read(ref open) == 0);
        Assert.True(writer.Ended);
        read.SetResult();
        await client.DisposeAsync();
    }

    private static async Task<string> Token(Uri url, OwnCertificate own)
    {
        using var handler = new SocketsHttpHandler { SslOptions = own.Trusting };
        using var http = new HttpClient(handler) { BaseAddress = url };
        JsonElement answer = await http.PostAsJsonAsync("/api/dev/token", new { subject = "worker", roles = (string[])["worker", "publisher"], streams = (string[])["thread:*"] }).ReadAsync();
        return answer.GetProperty("access_token").GetString()!;
    }
}
