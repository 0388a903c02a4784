using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace HubService.Wire;

/// <summary>
/// Where SignalR reads its messages, in place of the pipe that its WebSocket transport fills. What is written continues the
/// reader on the writer's thread. Between two messages it holds no memory.
/// </summary>
internal sealed class DirectInput : PipeReader, IValueTaskSource<ReadResult>
{
    /// <summary>More than this waits only for a reader that has looked at all of it and wants more.</summary>
    public const int MaxUnread = 64 * 1024;

    private const int FirstSize = 4096;

    private readonly Lock _gate = new();

    /// <summary>Of the reader's wait.</summary>
    private ManualResetValueTaskSourceCore<ReadResult> _read;
    private CancellationTokenRegistration _registration;
    private byte[]? _buffer;

    /// <summary>What the reader holds, where the buffer is another by now. Its bytes lie at the same places.</summary>
    private byte[]? _held;
    private int _start;
    private int _end;

    /// <summary>Up to here the reader has looked, and wants more before it looks again.</summary>
    private int _examined;
    private bool _waiting;
    private bool _holding;
    private bool _cancelled;
    private bool _ended;
    private bool _left;

    /// <summary>Completes when the reader lets the buffer go, or waits.</summary>
    private TaskCompletionSource? _room;

    /// <summary>Called when the reader will not read any more.</summary>
    public Action? Left { get; set; }

    /// <summary>The reader has done with everything that was written, and waits for more.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _waiting && _start == _end;
            }
        }
    }

    /// <summary>Adds bytes of messages; completes at once unless the reader is behind.</summary>
    public ValueTask WriteAsync(ReadOnlySpan<byte> bytes)
    {
        ReadResult result;
        lock (_gate)
        {
            if (_left || _ended || bytes.IsEmpty)
            {
                return default;
            }

            if (!HasRoomUnsynchronized(bytes.Length))
            {
                return new ValueTask(WaitAsync((_room ??= NewSource()).Task, bytes.ToArray()));
            }

            bytes.CopyTo(_buffer.AsSpan(_end));
            _end += bytes.Length;
            if (!TakeWaitUnsynchronized(here: true))
            {
                return default;
            }

            result = HoldUnsynchronized();
        }

        _read.SetResult(result);
        return default;
    }

    /// <summary>Nothing more is written.</summary>
    public void End()
    {
        ReadResult result;
        lock (_gate)
        {
            _ended = true;
            GiveRoomUnsynchronized();
            if (!TakeWaitUnsynchronized())
            {
                return;
            }

            result = HoldUnsynchronized();
        }

        _read.SetResult(result);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (TryReadUnsynchronized(out ReadResult result))
            {
                return new ValueTask<ReadResult>(result);
            }

            _read.Reset();
            _waiting = true;
            GiveRoomUnsynchronized();
        }

        var waited = new ValueTask<ReadResult>(this, _read.Version);
        if (cancellationToken.CanBeCanceled)
        {
            Register(cancellationToken);
        }

        return waited;
    }

    public override bool TryRead(out ReadResult result)
    {
        lock (_gate)
        {
            return TryReadUnsynchronized(out result);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        lock (_gate)
        {
            LetGoUnsynchronized();
            if (_buffer is not null)
            {
                _start = IndexOf(consumed);
                _examined = Math.Max(_start, IndexOf(examined));
                if (_start == _end)
                {
                    ReturnUnsynchronized();
                }
            }

            GiveRoomUnsynchronized();
        }
    }

    public override void CancelPendingRead()
    {
        ReadResult result;
        lock (_gate)
        {
            _cancelled = true;
            if (!TakeWaitUnsynchronized())
            {
                return;
            }

            result = HoldUnsynchronized();
        }

        _read.SetResult(result);
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_left)
            {
                return;
            }

            _left = true;
            LetGoUnsynchronized();
            ReturnUnsynchronized();
            GiveRoomUnsynchronized();
        }

        Left?.Invoke();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _registration.Dispose();
        _registration = default;
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The end of a sequence over an array is marked as such in its highest bit.</summary>
    private static int IndexOf(SequencePosition position) => position.GetInteger() & int.MaxValue;

    private async Task WaitAsync(Task room, byte[] bytes)
    {
        await room;
        await WriteAsync(bytes);
    }

    private void Register(CancellationToken cancellationToken)
    {
        short version = _read.Version;
        _registration = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                lock (_gate)
                {
                    if (_read.Version != version || !TakeWaitUnsynchronized())
                    {
                        return;
                    }
                }

                _read.SetException(new OperationCanceledException(token));
            },
            null);
    }

    private bool TryReadUnsynchronized(out ReadResult result)
    {
        if (_left)
        {
            throw new InvalidOperationException("Nothing is read after the end.");
        }

        result = default;
        if (!_cancelled && !_ended && _end == _examined)
        {
            return false;
        }

        result = HoldUnsynchronized();
        return true;
    }

    /// <summary>Is the reader waiting? Then whoever asks has to answer it.</summary>
    /// <param name="here">It continues on the thread of who answers. Only who writes can have that: all others may hold what the reader needs.</param>
    private bool TakeWaitUnsynchronized(bool here = false)
    {
        if (!_waiting)
        {
            return false;
        }

        _waiting = false;
        _read.RunContinuationsAsynchronously = !here;
        return true;
    }

    /// <summary>What the reader gets now, and holds until it advances.</summary>
    private ReadResult HoldUnsynchronized()
    {
        ReadOnlySequence<byte> unread = _buffer is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        var result = new ReadResult(unread, _cancelled, isCompleted: !_cancelled && _ended);
        _cancelled = false;
        _holding = true;
        return result;
    }

    private void GiveRoomUnsynchronized()
    {
        _room?.TrySetResult();
        _room = null;
    }

    private bool HasRoomUnsynchronized(int count)
    {
        int unread = _end - _start;
        if (!_waiting && unread > 0 && unread + count > MaxUnread)
        {
            return false;
        }

        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, count));
        }
        else if (_end + count > _buffer.Length)
        {
            MoveUnsynchronized(unread, count);
        }

        return true;
    }

    /// <summary>Makes room behind what is unread: in the same buffer when nobody holds it and half of it is enough.</summary>
    private void MoveUnsynchronized(int unread, int count)
    {
        byte[] old = _buffer!;
        int start = _holding ? _start : 0;
        if (_holding || unread + count > old.Length / 2)
        {
            _buffer = ArrayPool<byte>.Shared.Rent((start + unread + count) * 2);
        }

        old.AsSpan(_start, unread).CopyTo(_buffer.AsSpan(start));
        (_examined, _end, _start) = (_examined - _start + start, start + unread, start);
        if (_holding && _held is null)
        {
            _held = old;
        }
        else if (old != _buffer)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }

    private void LetGoUnsynchronized()
    {
        _holding = false;
        if (_held is not null)
        {
            ArrayPool<byte>.Shared.Return(_held);
            _held = null;
        }
    }

    private void ReturnUnsynchronized()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
            _start = _end = _examined = 0;
        }
    }
}
