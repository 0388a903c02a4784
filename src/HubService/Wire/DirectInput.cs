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

    private readonly Lock _gate = new();
    private UnreadBytes _unread;

    /// <summary>Of the reader's wait.</summary>
    private ManualResetValueTaskSourceCore<ReadResult> _read;
    private CancellationTokenRegistration _registration;
    private bool _waiting;
    private bool _cancelled;
    private bool _ended;
    private bool _left;

    /// <summary>Completes when the reader advances, waits or leaves.</summary>
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
                return _waiting && _unread.Count == 0;
            }
        }
    }

    /// <summary>Adds bytes of messages, by one writer; completes at once unless the reader is behind.</summary>
    /// <param name="moreIsHere">The reader need not look yet: <see cref="Show"/> or another write follows at once.</param>
    public ValueTask WriteAsync(ReadOnlySpan<byte> bytes, bool moreIsHere = false)
    {
        lock (_gate)
        {
            if (_left || _ended || bytes.IsEmpty)
            {
                return default;
            }

            if (!_waiting && _unread.Count > 0 && _unread.Count + bytes.Length > MaxUnread)
            {
                return new ValueTask(WaitAsync((_room ??= NewSource()).Task, bytes.ToArray()));
            }

            _unread.Add(bytes);
        }

        if (!moreIsHere)
        {
            Show();
        }

        return default;
    }

    /// <summary>Lets the reader see what was written. It goes on here, on the writer's thread.</summary>
    public void Show()
    {
        ReadResult result;
        lock (_gate)
        {
            if (!_unread.HasNew || !TakeWaitUnsynchronized(here: true))
            {
                return;
            }

            result = ResultUnsynchronized();
        }

        _read.SetResult(result);
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

            result = ResultUnsynchronized();
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
            _unread.Advance(consumed, examined);
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

            result = ResultUnsynchronized();
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
            _unread.Clear();
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

        bool hasResult = _cancelled || _ended || _unread.HasNew;
        result = hasResult ? ResultUnsynchronized() : default;
        return hasResult;
    }

    /// <summary>What the reader gets now, and holds until it advances.</summary>
    private ReadResult ResultUnsynchronized()
    {
        var result = new ReadResult(_unread.Hold(), _cancelled, isCompleted: !_cancelled && _ended);
        _cancelled = false;
        return result;
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

    private void GiveRoomUnsynchronized()
    {
        _room?.TrySetResult();
        _room = null;
    }
}
