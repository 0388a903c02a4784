using HubService.Contracts;

namespace HubService.Client;

/// <summary>An event on its way through a <see cref="PublishQueue{TEvent}"/>, once or, after a rollback of the store, again.</summary>
/// <param name="order">Its place among the events of the queue.</param>
/// <param name="bytes">About how large it is on the wire.</param>
/// <param name="settled">Told the bytes once, before its publisher hears of the answer.</param>
internal sealed class PendingEvent<TEvent>(TEvent e, long order, int bytes, CancellationTokenSource deadline, Action<int> settled)
{
    private readonly TaskCompletionSource<PublishResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _deadline = deadline;
    private int _settled;

    public TEvent Event { get; } = e;

    public long Order { get; } = order;

    public int Bytes { get; } = bytes;

    public CancellationToken Expires { get; private set; } = deadline.Token;

    /// <summary>Why the attempts failed; null when none has.</summary>
    public HubError? Error { get; private set; }

    /// <summary>The first answer; a second one changes nothing.</summary>
    public Task<PublishResult> Done => _done.Task;

    /// <summary>It goes the same way again until another deadline.</summary>
    public void Renew(CancellationTokenSource deadline) => (_deadline, Expires, Error) = (deadline, deadline.Token, null);

    /// <summary>An attempt failed, and may be repeated. Once one of them may have reached the log, no later one can say that the event was not kept.</summary>
    public void Failed(HubError error) => Error = Error?.Code is ErrorCodes.OutcomeUnknown or ErrorCodes.Internal ? Error : error;

    public void Complete(PublishResult result)
    {
        Settle();
        _done.TrySetResult(result);
    }

    /// <returns>False when its publisher has its answer already and will not hear of this.</returns>
    public bool Fail(Exception error)
    {
        Settle();
        return _done.TrySetException(error);
    }

    private void Settle()
    {
        _deadline.Dispose();
        if (Interlocked.Exchange(ref _settled, 1) == 0)
        {
            settled(Bytes);
        }
    }
}
