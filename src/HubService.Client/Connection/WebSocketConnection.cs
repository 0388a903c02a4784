using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using HubService.Contracts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace HubService.Client;

/// <summary>Carries a WebSocket as the pair of pipes that SignalR speaks over.</summary>
internal sealed class WebSocketConnection : ConnectionContext
{
    private static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(2);
    private static readonly PipeOptions Unsynchronized = new(useSynchronizationContext: false);

    private readonly CancellationTokenSource _closed = new();
    private readonly Pipe _input = new(Unsynchronized);
    private readonly Pipe _output = new(Unsynchronized);
    private readonly WebSocket _socket;
    private readonly TimeProvider _time;
    private readonly Task _loops;

    public WebSocketConnection(WebSocket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        Transport = new Duplex(_input.Reader, _output.Writer);
        ConnectionClosed = _closed.Token;
        _loops = Task.WhenAll(ReceiveAsync(), SendAsync());
    }

    public override string ConnectionId { get; set; } = Ids.New("conn_");

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    public override void Abort(ConnectionAbortedException abortReason) => _socket.Abort();

    public override async ValueTask DisposeAsync()
    {
        await _output.Writer.CompleteAsync();
        try
        {
            await _loops.WaitAsync(CloseWithin, _time);
        }
        catch (TimeoutException)
        {
            // The peer did not answer the close frame.
            _socket.Abort();
            await _input.Reader.CompleteAsync();
            await _loops;
        }

        _socket.Dispose();
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult received = await _socket.ReceiveAsync(_input.Writer.GetMemory(4096), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                _input.Writer.Advance(received.Count);
                FlushResult flushed = await _input.Writer.FlushAsync();
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            error = e;
        }

        _output.Reader.CancelPendingRead();
        await _input.Writer.CompleteAsync(error);
        await _closed.CancelAsync();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                ReadResult read = await _output.Reader.ReadAsync();
                if (!read.Buffer.IsEmpty)
                {
                    await SendMessageAsync(read.Buffer);
                }

                _output.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || read.IsCanceled)
                {
                    break;
                }
            }

            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The receiving side sees the same failure and reports it.
            _socket.Abort();
        }

        await _output.Reader.CompleteAsync();
    }

    private async ValueTask SendMessageAsync(ReadOnlySequence<byte> message)
    {
        SequencePosition next = message.Start;
        message.TryGet(ref next, out ReadOnlyMemory<byte> segment);
        while (message.TryGet(ref next, out ReadOnlyMemory<byte> following))
        {
            await _socket.SendAsync(segment, WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
            segment = following;
        }

        await _socket.SendAsync(segment, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
