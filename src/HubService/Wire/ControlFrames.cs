using System.Threading.Tasks.Sources;

namespace HubService.Wire;

/// <summary>What a connection's WebSocket reads itself, as it came: goodbyes, pings and pongs. Most wait for one all their life, so that the wait is nothing but this object.</summary>
internal sealed class ControlFrames : IValueTaskSource<int>
{
    private readonly Lock _gate = new();
    private ReadOnlyMemory<byte> _bytes;
    private bool _ended;

    /// <summary>Of the read that waits.</summary>
    private ManualResetValueTaskSourceCore<int> _read = new() { RunContinuationsAsynchronously = true };
    private Memory<byte> _buffer;
    private bool _waiting;
    private CancellationTokenRegistration _registration;

    /// <summary>Completes when all has been read.</summary>
    private TaskCompletionSource? _taken;

    /// <summary>Completes when the WebSocket has taken the frame, so that it sets the pace of who pings it.</summary>
    public Task AddAsync(byte[] frame)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return Task.CompletedTask;
            }

            _bytes = frame;
            _taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task taken = _taken.Task;
            AnswerUnsynchronized();
            return taken;
        }
    }

    /// <summary>Nothing comes any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            AnswerUnsynchronized();
            _taken?.TrySetResult();
            _taken = null;
        }
    }

    /// <summary>0 at the end; for an empty buffer also when there is something to read.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_bytes.Length > 0 || _ended)
            {
                return new ValueTask<int>(TakeUnsynchronized(buffer.Span));
            }

            _read.Reset();
            (_buffer, _waiting) = (buffer, true);
        }

        ValueTask<int> waited = new(this, _read.Version);
        if (cancellationToken.CanBeCanceled)
        {
            Register(cancellationToken);
        }

        return waited;
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        _registration.Dispose();
        _registration = default;
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    private void Register(CancellationToken cancellationToken)
    {
        short version = _read.Version;
        _registration = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                lock (_gate)
                {
                    if (_read.Version == version && _waiting)
                    {
                        (_buffer, _waiting) = (default, false);
                        _read.SetException(new OperationCanceledException(token));
                    }
                }
            },
            null);
    }

    /// <summary>The read that waits, if one does, gets what is here. It goes on on another thread.</summary>
    private void AnswerUnsynchronized()
    {
        if (_waiting)
        {
            int count = TakeUnsynchronized(_buffer.Span);
            (_buffer, _waiting) = (default, false);
            _read.SetResult(count);
        }
    }

    private int TakeUnsynchronized(Span<byte> buffer)
    {
        int count = Math.Min(_bytes.Length, buffer.Length);
        _bytes.Span[..count].CopyTo(buffer);
        _bytes = _bytes[count..];
        if (_bytes.Length == 0)
        {
            _taken?.TrySetResult();
            _taken = null;
        }

        return count;
    }
}
