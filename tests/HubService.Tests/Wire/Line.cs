using System.Net;
using System.Net.Sockets;
using HubService.Wire;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Wire;

/// <summary>A writer at one end of a TCP connection over loopback, and the other end.</summary>
internal sealed class Line : IAsyncDisposable
{
    private readonly Socket _server;
    private readonly Socket _client;
    private readonly Gatherer _gatherer;

    private Line(Socket server, Socket client, bool viaSocket, TimeSpan gather)
    {
        (_server, _client) = (server, client);
        _gatherer = new Gatherer(Options.Create(new WireOptions { Gather = gather }), Clock);
        Writer = new DirectWriter(new NetworkStream(server), viaSocket ? server : null, _gatherer, Clock, CancellationToken.None);
        Writer.ClientSpoke();
    }

    public ShiftedClock Clock { get; } = new() { Stands = true };

    public DirectWriter Writer { get; }

    public FrameReader Received { get; } = new();

    public static async Task<Line> OpenAsync(bool viaSocket, TimeSpan gather = default)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 8192 };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(listener.LocalEndPoint!);
        return new Line(await listener.AcceptAsync(), client, viaSocket, gather);
    }

    /// <summary>Is completed already when nothing has to wait.</summary>
    public Task WriteAsync(ReadOnlySpan<byte> message, bool mayGather = false) => Writer.WriteAsync(binary: false, message, mayGather).AsTask();

    /// <summary>Sends bytes, one at a time, enough of them that what comes next at the same time is gathered; how many, and all have arrived.</summary>
    public async Task<int> MakeBusyAsync()
    {
        const int Enough = 30;
        for (int i = 0; i < Enough; i++)
        {
            await WriteAsync([0], mayGather: true);
        }

        await ReadUntilAsync(() => Received.Payload.Count() == Enough);
        return Enough;
    }

    /// <summary>Writes until a writer has to wait; what it waits for.</summary>
    public Task FillAsync(bool mayGather = false)
    {
        Task written;
        do
        {
            written = WriteAsync(new byte[10_000], mayGather);
        }
        while (written.IsCompletedSuccessfully);
        return written;
    }

    /// <summary>Reads until the condition holds.</summary>
    public async Task ReadUntilAsync(Func<bool> enough)
    {
        byte[] buffer = new byte[16 * 1024];
        while (!enough())
        {
            int read = await _client.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.NotEqual(0, read);
            Received.Add(buffer.AsSpan(0, read));
        }
    }

    /// <summary>Ends the writer's side as a server does that is done with the connection: what has left still arrives.</summary>
    public void Dismiss()
    {
        Writer.End();
        _server.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Reads what still comes until the writer's side has ended.</summary>
    public async Task ReadToEndAsync()
    {
        byte[] buffer = new byte[16 * 1024];
        while (await _client.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)) is > 0 and var read)
        {
            Received.Add(buffer.AsSpan(0, read));
        }
    }

    /// <summary>Resets the connection from the other end.</summary>
    public void Kill()
    {
        _client.LingerState = new LingerOption(true, 0);
        _client.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _gatherer.Dispose();
        _client.Dispose();
        _server.Dispose();
        return ValueTask.CompletedTask;
    }
}
