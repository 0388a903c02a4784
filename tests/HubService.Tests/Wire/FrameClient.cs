using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HubService.Tests.Wire;

/// <summary>A WebSocket client on a bare TCP connection, which sends any bytes in any pieces.</summary>
internal sealed class FrameClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private FrameClient()
    {
    }

    public FrameReader Received { get; } = new();

    /// <summary>Everything the server said in messages.</summary>
    public string Text => Encoding.UTF8.GetString([.. Received.Frames.Where(f => f.Opcode is 1 or 2).SelectMany(f => f.Payload)]);

    /// <summary>The code of the server's goodbye; null while there is none.</summary>
    public int? Code => Received.Frames.Where(f => f.Opcode == 8).Select(f => (int?)((f.Payload[0] << 8) | f.Payload[1])).FirstOrDefault();

    /// <param name="first">Sent in one piece with the request.</param>
    public static async Task<FrameClient> ConnectAsync(Uri server, string token, string path = "/hubs/agent", byte[]? first = null)
    {
        FrameClient client = new();
        await client._socket.ConnectAsync(IPAddress.Loopback, server.Port);
        string request = $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n";
        await client.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(request), .. first ?? []]);
        await client.ReadHeadAsync();
        return client;
    }

    /// <summary>A connection whose hub has answered the handshake.</summary>
    public static async Task<FrameClient> GreetAsync(HubHost host, string token)
    {
        FrameClient client = await ConnectAsync(host.Url, token);
        await client.SendAsync(ClientFrames.Text("{\"protocol\":\"json\",\"version\":1}\u001e"));
        await client.ReadUntilAsync(() => client.Text.StartsWith("{}\u001e", StringComparison.Ordinal));
        return client;
    }

    /// <summary>A call of Ping, as SignalR's JSON writes it.</summary>
    public static string Ping(int id) => $$"""{"type":1,"invocationId":"{{id}}","target":"Ping","arguments":[{{id}}]}""" + '\u001e';

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, int piece = int.MaxValue)
    {
        for (int start = 0; start < bytes.Length; start += Math.Min(piece, bytes.Length - start))
        {
            await _socket.SendAsync(bytes.Slice(start, Math.Min(piece, bytes.Length - start)));
        }
    }

    /// <summary>Sends as far as the server takes it: what breaks the rules ends the connection in between.</summary>
    public async Task TrySendAsync(ReadOnlyMemory<byte> bytes, int piece = int.MaxValue)
    {
        try
        {
            await SendAsync(bytes, piece);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // The end is read.
        }
    }

    public Task AnsweredAsync(int id) => ReadUntilAsync(() => Text.Split('\u001e').Any(m => m.StartsWith("{\"type\":3", StringComparison.Ordinal) && m.Contains($"\"invocationId\":\"{id}\"", StringComparison.Ordinal)));

    public async Task ReadUntilAsync(Func<bool> enough)
    {
        byte[] buffer = new byte[16 * 1024];
        while (!enough())
        {
            int read = await _socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.NotEqual(0, read);
            Received.Add(buffer.AsSpan(0, read));
        }
    }

    /// <summary>Reads until the server has ended the connection, however it did.</summary>
    public async Task ReadToEndAsync()
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)) is > 0 and var read)
            {
                Received.Add(buffer.AsSpan(0, read));
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            // The server had not read everything.
        }
    }

    /// <summary>Sends nothing any more, and still reads.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server was first.
        }
    }

    /// <summary>Resets the connection.</summary>
    public void Kill()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadHeadAsync()
    {
        byte[] one = new byte[1];
        StringBuilder head = new();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.Equal(1, await _socket.ReceiveAsync(one).WaitAsync(TimeSpan.FromSeconds(30)));
            head.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", head.ToString(), StringComparison.Ordinal);
    }
}
