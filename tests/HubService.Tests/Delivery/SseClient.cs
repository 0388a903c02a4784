using System.Net.Http.Headers;
using System.Net.Sockets;

namespace HubService.Tests.Delivery;

/// <summary>Reads a stream as server-sent events, an item at a time.</summary>
internal sealed class SseClient : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private SseClient(HttpClient http, HttpResponseMessage response, StreamReader lines) => (_http, _response, _lines) = (http, response, lines);

    public static async Task<SseClient> OpenAsync(Uri service, string token, string thread, string? last = null)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                // Small, so that a reader that pauses is soon felt.
                var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await tcp.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(tcp, ownsSocket: true);
            },
        };
        var http = new HttpClient(handler) { BaseAddress = service };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/threads/{thread}/stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var client = new SseClient(http, response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        Assert.Equal(":", (await client.NextAsync())?.Type);
        return client;
    }

    /// <summary>The next event, or a comment with the type ":"; null when the server ended the stream.</summary>
    public async Task<(string Type, string Id, string Data)?> NextAsync()
    {
        (string type, string id, string data) = ("", "", "");
        try
        {
            while (await _lines.ReadLineAsync() is { } line)
            {
                switch (line.Split(':', 2))
                {
                    case [""]: return (type, id, data);
                    case ["", _]: type = ":"; break;
                    case ["event", var v]: type = v.Trim(); break;
                    case ["id", var v]: id = v.Trim(); break;
                    case ["data", var v]: data = v.Trim(); break;
                }
            }
        }
        catch (IOException)
        {
            // Cut.
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        _response.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
