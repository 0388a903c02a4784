namespace HubService.Wire;

/// <summary>What a connection's WebSocket reads itself, as it came: goodbyes, pings and pongs.</summary>
internal sealed class ControlFrames
{
    private readonly Lock _gate = new();
    private ReadOnlyMemory<byte> _bytes;
    private bool _ended;

    /// <summary>Completes when there is something to read, or nothing will come any more.</summary>
    private TaskCompletionSource? _arrived;

    /// <summary>Completes when all has been read.</summary>
    private TaskCompletionSource? _taken;

    /// <summary>Completes when the WebSocket has taken the frame, so that it sets the pace of who pings it.</summary>
    public Task AddAsync(byte[] frame)
    {
        TaskCompletionSource? arrived;
        TaskCompletionSource taken;
        lock (_gate)
        {
            if (_ended)
            {
                return Task.CompletedTask;
            }

            _bytes = frame;
            (arrived, _arrived) = (_arrived, null);
            taken = _taken = NewSource();
        }

        arrived?.TrySetResult();
        return taken.Task;
    }

    /// <summary>Nothing comes any more.</summary>
    public void End()
    {
        TaskCompletionSource? arrived;
        TaskCompletionSource? taken;
        lock (_gate)
        {
            _ended = true;
            (arrived, _arrived) = (_arrived, null);
            (taken, _taken) = (_taken, null);
        }

        arrived?.TrySetResult();
        taken?.TrySetResult();
    }

    /// <summary>0 at the end; for an empty buffer also when there is something to read.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task arrived;
            lock (_gate)
            {
                if (_bytes.Length > 0 || _ended)
                {
                    return TakeUnsynchronized(buffer.Span);
                }

                arrived = (_arrived ??= NewSource()).Task;
            }

            await arrived.WaitAsync(cancellationToken);
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

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
