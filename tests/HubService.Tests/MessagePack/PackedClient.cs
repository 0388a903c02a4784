using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using HubService.MessagePack;

namespace HubService.Tests.MessagePack;

/// <summary>Speaks SignalR's MessagePack protocol over a bare WebSocket, so that it can also say what no client would.</summary>
internal sealed class PackedClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private byte[] _rest = [];

    /// <summary>Connected, with the handshake done.</summary>
    public static async Task<PackedClient> ConnectAsync(HubHost host, string token)
    {
        PackedClient client = new();
        client._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await client._socket.ConnectAsync(new UriBuilder(host.Url) { Scheme = "ws", Path = "/hubs/agent" }.Uri, CancellationToken.None);
        await client.SendAsync("{\"protocol\":\"messagepack\",\"version\":1}\u001e"u8.ToArray());
        Assert.Equal("{}\u001e"u8.ToArray(), await client.ReceiveAsync());
        return client;
    }

    public Task SendAsync(byte[] bytes) => _socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    /// <summary>The next message but pings, as JSON; null when the server has closed or cut the connection.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        while (true)
        {
            if (Take() is { } message)
            {
                if (message[0].GetInt32() != MessageTypes.Ping)
                {
                    return message;
                }
            }
            else if (await ReceiveAsync() is { } more)
            {
                _rest = [.. _rest, .. more];
            }
            else
            {
                return null;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private JsonElement? Take()
    {
        var input = new ReadOnlySequence<byte>(_rest);
        if (!MessagePackFrame.TryTake(ref input, int.MaxValue, out ReadOnlySequence<byte> message))
        {
            return null;
        }

        _rest = input.ToArray();
        return JsonElement.Parse(Packed.ToJson(message.ToArray()));
    }

    private async Task<byte[]?> ReceiveAsync()
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            WebSocketReceiveResult got = await _socket.ReceiveAsync(buffer, CancellationToken.None);
            return got.MessageType == WebSocketMessageType.Close ? null : buffer[..got.Count];
        }
        catch (WebSocketException)
        {
            return null;
        }
    }
}
