using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using HubService.Tests.Client;

namespace HubService.Tests;

/// <summary>Speaks SignalR's JSON protocol over a bare WebSocket, so that it can also say what no client would.</summary>
internal sealed class RawHubClient : IAsyncDisposable
{
    private const char End = '\u001e';

    private readonly ClientWebSocket _socket = new();
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _received = [];
    private readonly SemaphoreSlim _sending = new(1);
    private Task _receiving = Task.CompletedTask;
    private int _calls;

    private RawHubClient()
    {
    }

    /// <summary>The status the server closed with, once it did.</summary>
    public WebSocketCloseStatus? ClosedWith => _socket.CloseStatus;

    public bool Closed => _receiving.IsCompleted;

    /// <summary>Everything received so far, without SignalR's pings.</summary>
    public IReadOnlyList<JsonElement> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    /// <param name="hub"><c>agent</c> or <c>project</c>.</param>
    public static async Task<RawHubClient> ConnectAsync(HubHost host, string token, string hub = "agent")
    {
        RawHubClient client = await OpenAsync(host, token, hub);
        await client.GreetAsync();
        return client;
    }

    /// <summary>A WebSocket on which nothing has been said yet.</summary>
    public static async Task<RawHubClient> OpenAsync(HubHost host, string token, string hub = "agent")
    {
        RawHubClient client = new();
        client._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await client._socket.ConnectAsync(new UriBuilder(host.Url) { Scheme = "ws", Path = $"/hubs/{hub}" }.Uri, CancellationToken.None);
        client._receiving = client.ReceiveAsync();
        return client;
    }

    /// <summary>SignalR's handshake.</summary>
    public async Task GreetAsync()
    {
        await SendAsync("""{"protocol":"json","version":1}""");
        await UntilAsync(m => !m.TryGetProperty("type", out _));
    }

    /// <summary>Sends any text as one frame of the protocol.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text + End), WebSocketMessageType.Text);

    public async Task SendAsync(byte[] bytes, WebSocketMessageType type)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(bytes, type, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Calls a method and returns its result.</summary>
    public Task<JsonElement> CallAsync(string method, params object?[] arguments) => CallRawAsync(method, JsonSerializer.Serialize(arguments));

    /// <param name="arguments">The arguments as JSON text, sent as they are.</param>
    public async Task<JsonElement> CallRawAsync(string method, string arguments)
    {
        JsonElement completion = await CompleteAsync(method, arguments);
        return completion.TryGetProperty("result", out JsonElement result) ? result : throw new InvalidOperationException(completion.GetRawText());
    }

    /// <summary>Calls a method and returns the whole completion; its <c>error</c> is the text of a refusal before the method ran.</summary>
    public async Task<JsonElement> CompleteAsync(string method, string arguments)
    {
        string id = $"c{Interlocked.Increment(ref _calls)}";
        await SendAsync($$"""{"type":1,"invocationId":"{{id}}","target":"{{method}}","arguments":{{arguments}}}""");
        return await UntilAsync(m => m.TryGetProperty("invocationId", out JsonElement answered) && answered.ValueEquals(id) && m.GetProperty("type").GetInt32() == 3);
    }

    /// <summary>Waits for a message, also one that came before.</summary>
    public async Task<JsonElement> UntilAsync(Func<JsonElement, bool> condition)
    {
        JsonElement? found = null;
        await Wait.Until(() =>
        {
            // Asked first: its last words are all received by then.
            bool closed = Closed;
            return (found = Received.Where(condition).Select(m => (JsonElement?)m).FirstOrDefault()) is not null || closed;
        });
        return found ?? throw new InvalidOperationException($"The connection was closed: {string.Join(' ', Received.TakeLast(3))}");
    }

    /// <summary>The arguments with which the server called a client method, in order.</summary>
    public IReadOnlyList<JsonElement> Calls(string method) =>
        [.. Received.Where(m => m.TryGetProperty("target", out JsonElement target) && target.ValueEquals(method)).Select(m => m.GetProperty("arguments")[0])];

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        StringBuilder text = new();
        Decoder decoder = Encoding.UTF8.GetDecoder();
        char[] chars = new char[buffer.Length];
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } read)
            {
                text.Append(chars, 0, decoder.GetChars(buffer, 0, read.Count, chars, 0));
                string all = text.ToString();
                int end = all.LastIndexOf(End);
                foreach (string frame in all[..(end + 1)].Split(End, StringSplitOptions.RemoveEmptyEntries))
                {
                    Add(JsonElement.Parse(frame));
                }

                text.Remove(0, end + 1);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is over.
        }
    }

    private void Add(JsonElement message)
    {
        if (!message.TryGetProperty("type", out JsonElement type) || type.GetInt32() != 6)
        {
            lock (_gate)
            {
                _received.Add(message);
            }
        }
    }
}
