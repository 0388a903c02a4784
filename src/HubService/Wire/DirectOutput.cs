using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace HubService.Wire;

/// <summary>
/// Where SignalR writes its messages, in place of the pipe that its WebSocket transport reads. What comes as a whole is an
/// event or a ping and may be gathered; what is written bit by bit is an answer, which somebody waits for.
/// </summary>
internal sealed class DirectOutput(DirectConnection connection, ITransferFormatFeature format, PipeWriter pipe) : PipeWriter
{
    private const int FirstSize = 512;

    private DirectWriter? _writer;
    private bool _piped;
    private bool _completed;
    private byte[]? _buffer;
    private int _count;
    private Action? _afterFlush;

    /// <summary>SignalR's answer to a handshake that it accepts.</summary>
    private static ReadOnlySpan<byte> Welcome => "{}\u001e"u8;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _count;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        int size = _count + Math.Max(sizeHint, FirstSize);
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(size);
        }
        else if (_buffer.Length < size)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(size * 2);
            _buffer.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(_count);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => _count += bytes;

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_count > 0)
        {
            this.Write(source.Span);
            return FlushAsync(cancellationToken);
        }

        return WriteAsync(source, mayGather: true, cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_buffer is not { } buffer)
        {
            return Result();
        }

        ReadOnlyMemory<byte> messages = buffer.AsMemory(0, _count);
        _buffer = null;
        _count = 0;
        ValueTask<FlushResult> flushed = WriteAsync(messages, mayGather: false, cancellationToken);
        ArrayPool<byte>.Shared.Return(buffer);
        Action? after = _afterFlush;
        _afterFlush = null;
        after?.Invoke();
        return flushed;
    }

    /// <summary>Runs when what is written now has its place before everything later.</summary>
    public void AfterFlush(Action action) => _afterFlush += action;

    public override void CancelPendingFlush()
    {
        _writer?.CancelWaits();
        pipe.CancelPendingFlush();
    }

    /// <summary>Tells the transport that nothing more comes, so that it says goodbye.</summary>
    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        pipe.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        _completed = true;
        return pipe.CompleteAsync(exception);
    }

    private ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> messages, bool mayGather, CancellationToken cancellationToken)
    {
        if (_completed)
        {
            return new(new FlushResult(isCanceled: false, isCompleted: true));
        }

        if (_writer is null && !_piped)
        {
            Begin(messages.Span);
        }

        if (_piped)
        {
            pipe.Write(messages.Span);
            return pipe.FlushAsync(cancellationToken);
        }

        ValueTask written = _writer!.WriteAsync(format.ActiveFormat == TransferFormat.Binary, messages.Span, mayGather);
        return written.IsCompletedSuccessfully ? Result() : WaitAsync(written, cancellationToken);
    }

    /// <summary>The first message answers the handshake. When SignalR refuses it, or did not wait for it, the client may not have spoken.</summary>
    private void Begin(ReadOnlySpan<byte> first)
    {
        _writer = first.SequenceEqual(Welcome) ? connection.Writer : null;
        _piped = _writer is null;
        _writer?.ClientSpoke();
    }

    private async ValueTask<FlushResult> WaitAsync(ValueTask written, CancellationToken cancellationToken)
    {
        await written.AsTask().WaitAsync(cancellationToken);
        return new FlushResult(isCanceled: false, isCompleted: _writer!.Ended);
    }

    private ValueTask<FlushResult> Result() => new(new FlushResult(isCanceled: false, isCompleted: _writer is { Ended: true }));
}
