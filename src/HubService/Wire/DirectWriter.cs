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
    private TaskCompletionSource? _room;
    private bool _viaSocket;
    private bool _writing;
    private bool _listed;
    private long _lastWrite = long.MinValue / 2;
    private long _progressAt;

    /// <summary>The connection takes nothing any more.</summary>
    public bool Ended { get; private set; }

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
            return _writing && time.GetElapsedTime(_progressAt) > limit;
        }
    }

    /// <summary>Writes messages of SignalR's protocol. Completes at once unless too much waits.</summary>
    /// <param name="mayGather">False for what somebody waits for.</param>
    public ValueTask WriteAsync(bool binary, ReadOnlySpan<byte> messages, bool mayGather)
    {
        lock (_gate)
        {
            if (Ended)
            {
                return default;
            }

            if (!_writing && !_listed && !(mayGather && gatherer.IsBusy(_lastWrite)))
            {
                int head = WebSocketFrame.HeadLength(messages.Length);
                Memory<byte> frame = Scratch(head + messages.Length);
                WebSocketFrame.WriteHead(frame.Span[..head], binary, messages.Length);
                messages.CopyTo(frame.Span[head..]);
                SendUnsynchronized(frame, null);
                return default;
            }

            _waiting.Add(binary, messages);
            if (!_writing)
            {
                if (!mayGather || _waiting.Count >= Piece)
                {
                    FlushUnsynchronized();
                }
                else if (!_listed)
                {
                    _listed = true;
                    gatherer.Add(this);
                }
            }

            return _waiting.Count > MaxWaiting ? RoomUnsynchronized() : default;
        }
    }

    /// <summary>Writes a frame of the WebSocket itself; completes when it has left.</summary>
    public ValueTask WriteFrameAsync(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (Ended)
            {
                return default;
            }

            _waiting.AddFramed(frame);
            if (!_writing)
            {
                FlushUnsynchronized();
            }

            return _writing ? RoomUnsynchronized() : default;
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
            FreeUnsynchronized();
        }
    }

    private ValueTask RoomUnsynchronized() => new((_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task);

    private void FreeUnsynchronized()
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

        _lastWrite = time.GetTimestamp();
        try
        {
            if (!_viaSocket)
            {
                ValueTask written = stream.WriteAsync(bytes);
                if (written.IsCompletedSuccessfully)
                {
                    WaitingBytes.Return(rented);
                    return;
                }

                // The scratch stays with the write.
                _scratch = rented is null ? null : _scratch;
                Drain(written, rented);
                return;
            }

            int sent = socket!.Send(bytes.Span, SocketFlags.None, out SocketError error);
            if (error is not SocketError.Success and not SocketError.WouldBlock)
            {
                WaitingBytes.Return(rented);
                EndUnsynchronized();
                return;
            }

            sent = error == SocketError.Success ? sent : 0;
            if (sent == bytes.Length)
            {
                WaitingBytes.Return(rented);
                return;
            }

            byte[] rest = bytes[sent..].ToArray();
            WaitingBytes.Return(rented);
            Drain(SendAllAsync(rest), null);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The connection ended; its reader finds out, and its client resumes.
            EndUnsynchronized();
        }

        void Drain(ValueTask first, byte[]? buffer)
        {
            _writing = true;
            _progressAt = _lastWrite;
            _ = DrainAsync(first, buffer);
        }
    }

    /// <summary>The only one who writes while it runs.</summary>
    private async Task DrainAsync(ValueTask written, byte[]? buffer)
    {
        try
        {
            while (true)
            {
                await written;
                WaitingBytes.Return(buffer);
                ReadOnlyMemory<byte> next;
                lock (_gate)
                {
                    _progressAt = _lastWrite = time.GetTimestamp();
                    if (_waiting.Count == 0)
                    {
                        _writing = false;
                        FreeUnsynchronized();
                        return;
                    }

                    (buffer, next) = _waiting.Take();
                    FreeUnsynchronized();
                }

                written = _viaSocket ? SendAllAsync(next) : stream.WriteAsync(next);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or InvalidOperationException or OperationCanceledException)
        {
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
            int sent = await socket!.SendAsync(bytes[..Math.Min(Piece, bytes.Length)], SocketFlags.None);
            bytes = bytes[sent..];
            Volatile.Write(ref _progressAt, time.GetTimestamp());
        }
    }

    private void EndUnsynchronized()
    {
        Ended = true;
        _writing = false;
        _waiting.Clear();
        FreeUnsynchronized();
    }

    private static Memory<byte> Scratch(int length)
    {
        if (_scratch is null || _scratch.Length < length)
        {
            _scratch = GC.AllocateUninitializedArray<byte>(Math.Max(Piece, length));
        }

        return _scratch.AsMemory(0, length);
    }
}
