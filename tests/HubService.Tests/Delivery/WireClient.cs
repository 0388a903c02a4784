using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace HubService.Tests.Delivery;

/// <summary>SignalR's JSON protocol by hand over a WebSocket: every frame as it stands on the wire, and a socket that can be left unread or killed.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _calls = new();
    private readonly SemaphoreSlim _sending = new(1);
    private Socket? _tcp;
    private Task _reading = Task.CompletedTask;
    private int _nextId;

    /// <summary>Gets each frame without its separator, answers included; may wait, and so read slowly.</summary>
    public Func<ReadOnlyMemory<byte>, ValueTask> OnFrame { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>Completes when the server closed or cut the connection, or it was killed.</summary>
    public Task Completion => _reading;

    /// <exception cref="IOException">There is nobody, or the connection was cut at once.</exception>
    /// <param name="receiveBuffer">The socket's buffer, small for a client that is to be seen not reading.</param>
    public static async Task<WireClient> ConnectAsync(Uri service, string token, int? receiveBuffer = null, string hub = "agent", Func<ReadOnlyMemory<byte>, ValueTask>? onFrame = null, SslClientAuthenticationOptions? tls = null)
    {
        var client = new WireClient();
        client.OnFrame = onFrame ?? client.OnFrame;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = tls ?? new SslClientAuthenticationOptions(),
            ConnectCallback = async (context, cancellationToken) =>
            {
                var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (receiveBuffer is { } bytes)
                {
                    tcp.ReceiveBufferSize = bytes;
                }

                await tcp.ConnectAsync(context.DnsEndPoint, cancellationToken);
                client._tcp = tcp;
                return new NetworkStream(tcp, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        byte[] handshake = new byte[3];
        try
        {
            await client._socket.ConnectAsync(new UriBuilder(service) { Scheme = service.Scheme == "https" ? "wss" : "ws", Path = $"/hubs/{hub}", Query = $"access_token={token}" }.Uri, invoker, CancellationToken.None);
            await client.SendAsync("""{"protocol":"json","version":1}""");
            await client._socket.ReceiveAsync(handshake, CancellationToken.None);
        }
        catch (WebSocketException e)
        {
            throw new IOException("No connection.", e);
        }

        Assert.Equal("{}\u001e"u8.ToArray(), handshake);
        client._reading = Task.Run(client.ReadAsync);
        return client;
    }

    public async Task SendAsync(string frame)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(frame + "\u001e"), WebSocketMessageType.Text, true, _ending.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The result of a hub method.</summary>
    /// <exception cref="IOException">The connection ended before.</exception>
    public async Task<JsonElement> InvokeAsync(string method, params object?[] arguments)
    {
        string id = $"{Interlocked.Increment(ref _nextId)}";
        var answer = _calls[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await SendAsync(JsonSerializer.Serialize(new { type = 1, invocationId = id, target = method, arguments }));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            throw new IOException("The connection ended.", e);
        }

        await Task.WhenAny(answer.Task, _reading);
        return answer.Task.IsCompleted ? await answer.Task : throw new IOException("The connection ended.");
    }

    public Task<JsonElement> SubscribeAsync(string id, string? position = null) => InvokeAsync("Subscribe", id, position);

    /// <summary>Resets the TCP connection, as a network that goes away does.</summary>
    public void Kill()
    {
        _tcp!.LingerState = new LingerOption(true, 0);
        _tcp.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _tcp?.Dispose();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
        _ending.Dispose();
    }

    private async Task ReadAsync()
    {
        var rest = new ArrayBufferWriter<byte>(64 * 1024);
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult got = await _socket.ReceiveAsync(rest.GetMemory(16 * 1024), _ending.Token);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                rest.Advance(got.Count);
                ReadOnlyMemory<byte> buffer = rest.WrittenMemory;
                int taken = 0;
                for (int end; (end = buffer.Span[taken..].IndexOf((byte)0x1e)) >= 0; taken += end + 1)
                {
                    await TakeAsync(buffer.Slice(taken, end));
                }

                byte[] left = buffer[taken..].ToArray();
                rest.ResetWrittenCount();
                rest.Write(left);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // Ended.
        }
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> frame)
    {
        // Whoever waits in there for ever does not keep the client from ending.
        await OnFrame(frame).AsTask().WaitAsync(_ending.Token);
        if (frame.Span.StartsWith("{\"type\":3"u8))
        {
            JsonElement answer = JsonElement.Parse(frame.Span);
            if (_calls.TryRemove(answer.GetProperty("invocationId").GetString()!, out TaskCompletionSource<JsonElement>? call))
            {
                call.TrySetResult(answer.TryGetProperty("result", out JsonElement result) ? result : answer);
            }
        }
    }
}
