using HubService.Contracts;
using Microsoft.Extensions.Logging;

namespace HubService.Client;

/// <content>What it does when the store has lost acknowledged events: it has them still, and sends them again.</content>
internal sealed partial class PublishQueue<TEvent>
{
    private readonly Acknowledged<PendingEvent<TEvent>> _acknowledged = new();
    private StreamPosition? _doubt;
    private StreamReset? _told;

    /// <summary>
    /// The hub told of a reset on this connection. It may concern a subscription that asked from elsewhere, so the hub is asked
    /// what it means for the events of this queue.
    /// </summary>
    public void Doubt(StreamReset told)
    {
        lock (_gate)
        {
            if (_acknowledged.Last is { } last && last.Epoch != told.Epoch)
            {
                (_doubt, _told) = (last, told);
                PumpUnsynchronized();
            }
        }
    }

    private void AcknowledgeUnsynchronized(PendingEvent<TEvent> pending, PublishResult result)
    {
        if (result is { Epoch: { Length: > 0 } epoch, Seq: { } seq }
            && _acknowledged.Add(new StreamPosition(epoch, seq), pending, pending.Bytes) is { } doubt)
        {
            (_doubt, _told) = (doubt, null);
        }
    }

    /// <summary>Asks the hub before anything newer is sent; without an answer in time again after the next batch.</summary>
    private async Task ResolveDoubtAsync()
    {
        using CancellationTokenSource deadline = NewDeadline();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        for (int attempt = 0; InDoubt(out StreamPosition position, out StreamReset? reset) && !end.IsCancellationRequested; attempt++)
        {
            try
            {
                reset = await resetAfter(position, end.Token) ?? Ended(reset);
            }
            catch (Exception e) when (e is OperationCanceledException or HubClientException { Retryable: true })
            {
                await Task.Delay(options.Retry.Delay(attempt), options.TimeProvider, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            catch (Exception e)
            {
                // Who may publish may not be allowed to read; then what the hub told by itself counts, unless that was only this.
                reset = reset is { Epoch.Length: > 0 } ? reset : null;
                LogNotAnswered(e);
            }

            Resolve(position, reset);
        }
    }

    /// <summary>When all is valid, what was told says no more than that the former epoch has ended.</summary>
    private static StreamReset? Ended(StreamReset? told) =>
        told is { Epoch.Length: > 0 } ? told with { LastValid = long.MaxValue } : null;

    private bool InDoubt(out StreamPosition position, out StreamReset? told)
    {
        lock (_gate)
        {
            (position, told) = (_doubt.GetValueOrDefault(), _told);
            return _doubt is not null;
        }
    }

    /// <summary>Puts what was rolled back before everything newer, to be sent again.</summary>
    private void Resolve(StreamPosition position, StreamReset? reset)
    {
        IReadOnlyList<PendingEvent<TEvent>> again = [];
        lock (_gate)
        {
            _doubt = _doubt == position ? null : _doubt;
            if (reset is not null)
            {
                again = _acknowledged.TakeRolledBack(reset.Epoch, reset.LastValid);
                foreach (PendingEvent<TEvent> p in again)
                {
                    p.Renew(NewDeadline());
                }

                PutBackUnsynchronized(again);
            }
        }

        if (again.Count > 0)
        {
            rolledBack(reset!, again.Count);
        }
    }

    private void Fail(PendingEvent<TEvent> pending, Exception error)
    {
        if (!pending.Fail(error))
        {
            LogNotPublishedAgain(error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hub did not say whether acknowledged events were rolled back")]
    private partial void LogNotAnswered(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An acknowledged event was rolled back and could not be published again")]
    private partial void LogNotPublishedAgain(Exception error);
}
