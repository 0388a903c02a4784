using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace HubService.Cluster.Tests.Rig;

/// <summary>SignalR's JSON protocol over one WebSocket, with nothing of its own: no reconnect, no timeouts, little memory.</summary>
internal sealed class HubSocket : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Func<JsonElement, ValueTask> _onMessage;
    private bool _greeted;
    private int _largest;

    private HubSocket(Func<JsonElement, ValueTask> onMessage) => _onMessage = onMessage;

    /// <summary>Completes when the connection is over.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>The bytes of the largest message of WebSocket so far; several of SignalR may be in one.</summary>
    public int Largest => Volatile.Read(ref _largest);

    /// <param name="onMessage">Gets each message in order, pings too; while it waits nothing more is read.</param>
    /// <exception cref="WebSocketException">Nobody answers as a hub does.</exception>
    public static async Task<HubSocket> ConnectAsync(Uri node, string token, string hub, Func<JsonElement, ValueTask> onMessage)
    {
        var wire = new HubSocket(onMessage);
        using CancellationTokenSource limit = new(ConnectLimit);
        try
        {
            wire._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
            wire._socket.Options.KeepAliveInterval = TimeSpan.Zero;
            wire._socket.Options.Proxy = null;
            await wire._socket.ConnectAsync(new UriBuilder(node) { Scheme = "ws", Path = $"/hubs/{hub}" }.Uri, limit.Token);
            await wire.SendAsync("""{"protocol":"json","version":1}""");
            wire.Ended = Task.Run(wire.ReadAsync);
            return wire;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            await wire.DisposeAsync();
            throw new WebSocketException("No connection.", e);
        }
    }

    /// <summary>False when the connection is over.</summary>
    public async Task<bool> SendAsync(string message)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(message + "\u001e"), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            _sending.Release();
        }
    }

    public Task<bool> InvokeAsync(string id, string method, params object?[] arguments) =>
        SendAsync(JsonSerializer.Serialize(new { type = 1, invocationId = id, target = method, arguments }));

    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await Ended;
        _socket.Dispose();
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[4 * 1024];
        int filled = 0, message = 0;
        try
        {
            while (true)
            {
                if (filled == buffer.Length)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }

                ValueWebSocketReceiveResult got = await _socket.ReceiveAsync(buffer.AsMemory(filled), CancellationToken.None);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                filled += got.Count;
                message += got.Count;
                if (got.EndOfMessage)
                {
                    Volatile.Write(ref _largest, Math.Max(_largest, message));
                    message = 0;
                }

                int taken = 0;
                for (int end; (end = buffer.AsSpan(taken, filled - taken).IndexOf((byte)0x1e)) >= 0; taken += end + 1)
                {
                    await TakeAsync(buffer.AsMemory(taken, end));
                }

                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // Ended.
        }
    }

    private ValueTask TakeAsync(ReadOnlyMemory<byte> message)
    {
        if (!_greeted)
        {
            // The answer to the handshake.
            _greeted = true;
            return ValueTask.CompletedTask;
        }

        return _onMessage(JsonElement.Parse(message.Span));
    }
}
