using System.Buffers;
using System.Net.Sockets;

namespace HubService.Wire;

/// <summary>
/// Everything that leaves one WebSocket connection after its upgrade, in whole frames and in one order: SignalR's messages,
/// and what the WebSocket itself has to say. A quiet connection is written at once, by whoever has something for it; a busy
/// one gathers for a moment; one that does not take what it is sent has it wait, and its writers are told to.
/// </summary>
/// <param name="stream">The upgraded stream, whose own writes go through Kestrel, and TLS if there is any.</param>
/// <param name="socket">What the stream writes to in the end, when nothing but Kestrel's pipe lies between; else null.</param>
/// <param name="closed">Cancelled when the server gives the connection up.</param>
internal sealed class DirectWriter(Stream stream, Socket? socket, Gatherer gatherer, TimeProvider time, CancellationToken closed)
{
    /// <summary>More than this waits only as far as one message goes beyond it.</summary>
    public const int MaxWaiting = 64 * 1024;

    /// <summary>Gathered for a busy connection before it is written early; also the largest piece that a slow one is given at once.</summary>
    private const int Piece = 32 * 1024;

    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly Lock _gate = new();
    private WaitingBytes _waiting;

    /// <summary>Completes when there is room for more.</summary>
    private TaskCompletionSource? _room;

    /// <summary>Completes when everything that waits now has left.</summary>
    private TaskCompletionSource? _left;
    private bool _viaSocket;
    private bool _writing;
    private bool _listed;
    private bool _saidGoodbye;
    private Pace _pace = gatherer.NewPace();
    private long _progressAt;

    /// <summary>The connection takes nothing any more.</summary>
    public bool Ended { get; private set; }

    /// <summary>Does it write to the socket itself?</summary>
    public bool IsViaSocket => _viaSocket;

    /// <summary>From now on straight to the socket, where there is one: the client has spoken, so Kestrel's answer to the upgrade has left.</summary>
    public void ClientSpoke()
    {
        lock (_gate)
        {
            _viaSocket = socket is not null;
            socket?.Blocking = false;
        }
    }

    /// <summary>Has something waited for this long without any of it being taken?</summary>
    public bool IsStalled(TimeSpan limit)
    {
        lock (_gate)
        {
            return _writing && time.GetElapsedTime(_progressAt) >= limit;
        }
    }

    /// <summary>Writes messages of SignalR's protocol. Completes at once unless too much waits. What comes after the WebSocket's goodbye is left out.</summary>
    /// <param name="mayGather">False for what somebody waits for.</param>
    public ValueTask WriteAsync(bool binary, ReadOnlySpan<byte> messages, bool mayGather)
    {
        lock (_gate)
        {
            if (Ended || _saidGoodbye)
            {
                return default;
            }

            // What comes while others wait counts too.
            bool gathers = mayGather && gatherer.CountsAsBusy(ref _pace);
            if (!_writing && !_listed && !gathers && messages.Length <= Piece - WebSocketFrame.MaxHead)
            {
                int head = WebSocketFrame.HeadLength(messages.Length);
                Memory<byte> frame = (_scratch ??= new byte[Piece]).AsMemory(0, head + messages.Length);
                WebSocketFrame.WriteHead(frame.Span[..head], binary, messages.Length);
                messages.CopyTo(frame.Span[head..]);
                SendUnsynchronized(frame, null);
                return default;
            }

            _waiting.Add(binary, messages);
            if (!_writing)
            {
                if (_waiting.Count >= Piece || !(gathers || (mayGather && _listed)))
                {
                    FlushUnsynchronized();
                }
                else if (!_listed)
                {
                    _listed = true;
                    gatherer.Add(this);
                }
            }

            return _waiting.Count > MaxWaiting ? new ValueTask((_room ??= NewSource()).Task) : default;
        }
    }

    /// <summary>Writes a frame of the WebSocket itself; completes when it has left, or never will.</summary>
    public ValueTask WriteFrameAsync(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (Ended || _saidGoodbye)
            {
                return default;
            }

            _saidGoodbye = WebSocketFrame.IsClose(frame);
            _waiting.AddFrame(frame);
            if (_writing)
            {
                return new ValueTask((_left ??= NewSource()).Task);
            }

            TaskCompletionSource left = _left = NewSource();
            FlushUnsynchronized();
            if (_writing)
            {
                return new ValueTask(left.Task);
            }

            _left = null;
            return default;
        }
    }

    /// <summary>The window of a gathering connection is over.</summary>
    public void FlushGathered()
    {
        lock (_gate)
        {
            _listed = false;
            if (!_writing && !Ended && _waiting.Count > 0)
            {
                FlushUnsynchronized();
            }
        }
    }

    /// <summary>Whoever waits for room waits no longer.</summary>
    public void CancelWaits()
    {
        lock (_gate)
        {
            GiveRoomUnsynchronized();
        }
    }

    /// <summary>Leaves out whatever still waits, and frees who waits for it.</summary>
    public void End()
    {
        lock (_gate)
        {
            EndUnsynchronized();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void GiveRoomUnsynchronized()
    {
        _room?.TrySetResult();
        _room = null;
    }

    private void FlushUnsynchronized()
    {
        (byte[] buffer, ReadOnlyMemory<byte> bytes) = _waiting.Take();
        SendUnsynchronized(bytes, buffer);
    }

    /// <summary>Sends at once what the connection takes at once, and the rest as it takes it.</summary>
    /// <param name="rented">What holds the bytes, or null when that is this thread's scratch.</param>
    private void SendUnsynchronized(ReadOnlyMemory<byte> bytes, byte[]? rented)
    {
        if (closed.IsCancellationRequested)
        {
            // Before the socket says so by an exception.
            WaitingBytes.Return(rented);
            EndUnsynchronized();
            return;
        }

        int sent = 0;
        ValueTask written = default;
        try
        {
            if (_viaSocket)
            {
                sent = socket!.Send(bytes.Span, SocketFlags.None, out SocketError error);
                if (error is not SocketError.Success and not SocketError.WouldBlock)
                {
                    WaitingBytes.Return(rented);
                    EndUnsynchronized();
                    return;
                }

                sent = error == SocketError.Success ? sent : 0;
            }
            else
            {
                sent = Math.Min(Piece, bytes.Length);
                written = stream.WriteAsync(bytes[..sent]);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The connection ended; its reader finds out, and its client resumes.
            EndUnsynchronized();
            return;
        }

        if (sent == bytes.Length && written.IsCompletedSuccessfully)
        {
            WaitingBytes.Return(rented);
            return;
        }

        if (rented is null && written.IsCompletedSuccessfully)
        {
            rented = ArrayPool<byte>.Shared.Rent(bytes.Length - sent);
            bytes[sent..].CopyTo(rented);
            bytes = rented.AsMemory(0, bytes.Length - sent);
            sent = 0;
        }
        else if (rented is null)
        {
            // The scratch stays with the write.
            _scratch = null;
        }

        _writing = true;
        _progressAt = time.GetTimestamp();
        TaskCompletionSource? left = _left;
        _left = null;
        _ = DrainAsync(written, bytes[sent..], rented, left);
    }

    /// <summary>The only one who writes while it runs.</summary>
    /// <param name="written">A write on its way.</param>
    /// <param name="rest">What comes after it.</param>
    /// <param name="left">Who waits for both.</param>
    private async Task DrainAsync(ValueTask written, ReadOnlyMemory<byte> rest, byte[]? rented, TaskCompletionSource? left)
    {
        try
        {
            await written;
            while (true)
            {
                await SendAllAsync(rest);
                WaitingBytes.Return(rented);
                rented = null;
                left?.TrySetResult();
                left = null;
                lock (_gate)
                {
                    _progressAt = time.GetTimestamp();
                    if (_waiting.Count == 0)
                    {
                        _writing = false;
                        GiveRoomUnsynchronized();
                        return;
                    }

                    (rented, rest) = _waiting.Take();
                    (left, _left) = (_left, null);
                    GiveRoomUnsynchronized();
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            left?.TrySetResult();
            lock (_gate)
            {
                EndUnsynchronized();
            }
        }
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ReadOnlyMemory<byte> piece = bytes[..Math.Min(Piece, bytes.Length)];
            int sent = piece.Length;
            if (_viaSocket)
            {
                sent = await socket!.SendAsync(piece, SocketFlags.None);
            }
            else
            {
                await stream.WriteAsync(piece);
            }

            bytes = bytes[sent..];
            Volatile.Write(ref _progressAt, time.GetTimestamp());
        }
    }

    private static bool IsEnd(Exception e) => e is SocketException or ObjectDisposedException or IOException or InvalidOperationException or OperationCanceledException;

    private void EndUnsynchronized()
    {
        Ended = true;
        _writing = false;
        _waiting.Clear();
        GiveRoomUnsynchronized();
        _left?.TrySetResult();
        _left = null;
    }
}
