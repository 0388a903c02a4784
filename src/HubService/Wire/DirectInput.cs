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
    private const int FirstSize = 4096;

    private readonly Lock _gate = new();

    /// <summary>Of the reader's wait.</summary>
    private ManualResetValueTaskSourceCore<ReadResult> _read;
    private CancellationTokenRegistration _registration;
    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>Up to here the reader has looked, and wants more before it looks again.</summary>
    private int _examined;
    private bool _waiting;
    private bool _holding;
    private bool _cancelled;
    private bool _ended;
    private bool _left;

    /// <summary>Completes when the reader lets the buffer go.</summary>
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
        lock (_gate)
        {
            if (_left || _ended)
            {
                return default;
            }

            if (!HasRoomUnsynchronized(bytes.Length))
            {
                byte[] rest = bytes.ToArray();
                return new ValueTask(WaitAsync((_room ??= NewSource()).Task, rest));
            }

            bytes.CopyTo(_buffer.AsSpan(_end));
            _end += bytes.Length;
            if (!TakeWaitUnsynchronized())
            {
                return default;
            }

            _holding = true;
        }

        _read.SetResult(new ReadResult(Unread(), isCanceled: false, isCompleted: false));
        return default;
    }

    /// <summary>Nothing more is written.</summary>
    public void End()
    {
        TaskCompletionSource? room;
        bool waited;
        lock (_gate)
        {
            _ended = true;
            (room, _room) = (_room, null);
            waited = TakeWaitUnsynchronized();
            _holding |= waited;
        }

        room?.TrySetResult();
        if (waited)
        {
            _read.SetResult(new ReadResult(Unread(), isCanceled: false, isCompleted: true));
        }
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
        TaskCompletionSource? room;
        lock (_gate)
        {
            _holding = false;
            if (_buffer is not null)
            {
                _start = IndexOf(consumed);
                _examined = Math.Max(_start, IndexOf(examined));
                if (_start == _end)
                {
                    ReturnUnsynchronized();
                }
            }

            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
    }

    public override void CancelPendingRead()
    {
        lock (_gate)
        {
            if (!TakeWaitUnsynchronized())
            {
                _cancelled = true;
                return;
            }

            _holding = true;
        }

        _read.SetResult(new ReadResult(Unread(), isCanceled: true, isCompleted: false));
    }

    public override void Complete(Exception? exception = null)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            if (_left)
            {
                return;
            }

            _left = true;
            _holding = false;
            ReturnUnsynchronized();
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
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

        result = new ReadResult(Unread(), _cancelled, isCompleted: !_cancelled && _ended);
        _cancelled = false;
        return _holding = true;
    }

    /// <summary>Is the reader waiting? Then whoever asks has to answer it.</summary>
    private bool TakeWaitUnsynchronized()
    {
        bool waited = _waiting;
        _waiting = false;
        return waited;
    }

    private ReadOnlySequence<byte> Unread() => _buffer is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_buffer, _start, _end - _start);

    /// <summary>What the reader holds may not move.</summary>
    private bool HasRoomUnsynchronized(int count)
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, count));
        }
        else if (_end + count > _buffer.Length)
        {
            if (_holding)
            {
                return false;
            }

            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length, _end - _start + count) * 2);
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _examined, _end, _start) = (larger, _examined - _start, _end - _start, 0);
        }

        return true;
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
