using Microsoft.AspNetCore.Connections.Features;

namespace HubService.Wire;

/// <summary>The upgraded stream as the WebSocket sees it: it reads what is its own, and its writes go where all others go.</summary>
/// <param name="reader">Reads a hub's connection; null: the WebSocket reads all itself.</param>
/// <param name="goodbye">How long a goodbye may take to leave, behind what still waits.</param>
/// <param name="connection">Is given up when the goodbye does not leave.</param>
internal sealed class DirectStream(Stream upgraded, DirectWriter writer, DirectReader? reader, TimeSpan goodbye, TimeProvider time, IConnectionLifetimeFeature? connection) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        reader is null ? upgraded.ReadAsync(buffer, cancellationToken) : reader.Control.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        bool isClose = WebSocketFrame.IsClose(buffer.Span);
        ValueTask left = writer.WriteFrameAsync(buffer.Span);
        return left.IsCompletedSuccessfully ? left : new ValueTask(WaitAsync(left.AsTask(), isClose ? goodbye : Timeout.InfiniteTimeSpan, cancellationToken));
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Flush()
    {
        // Whatever is written is on its way.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            writer.End();
            reader?.End();
            upgraded.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>A client that does not even take the goodbye is given up: nobody else looks after a connection that its hub has left.</summary>
    private async Task WaitAsync(Task left, TimeSpan most, CancellationToken cancellationToken)
    {
        try
        {
            await left.WaitAsync(most, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            writer.End();
            connection?.Abort();
        }
    }
}
