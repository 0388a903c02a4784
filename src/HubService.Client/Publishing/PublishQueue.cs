using System.Text.Json.Nodes;
using HubService.Contracts;
using Microsoft.Extensions.Logging;

namespace HubService.Client;

/// <summary>
/// Sends one stream's events in the order they were enqueued: at most one batch is in flight, what arrives meanwhile forms
/// the next. Retryable failures are retried with the same events, so with the same ids, until an event's deadline.
/// </summary>
/// <param name="send">
/// Sends a batch; gives one result per event, or throws <see cref="HubClientException"/> for the whole batch, as the inner
/// exception when it was cancelled.
/// </param>
/// <param name="resetAfter">Asks the hub what became of what was acknowledged up to a position: null when it is valid.</param>
/// <param name="rolledBack">Told how many acknowledged events are sent again.</param>
/// <param name="settled">Told the bytes of an event that waits no longer; must not block.</param>
internal sealed partial class PublishQueue<TEvent>(
    Func<IReadOnlyList<TEvent>, CancellationToken, Task<IReadOnlyList<PublishResult>>> send,
    Func<StreamPosition, CancellationToken, Task<StreamReset?>> resetAfter,
    Action<StreamReset, int> rolledBack,
    Action<int> settled,
    HubServiceClientOptions options,
    CancellationToken stop)
{
    public const int MaxEvents = 500;
    public const int MaxBytes = 1_000_000;

    /// <summary>A failover, and the news of it, takes no longer.</summary>
    private static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger("HubService.Client.Publishing");
    private readonly LinkedList<PendingEvent<TEvent>> _waiting = new();
    private bool _pumping;
    private int _singles;
    private long _enqueued;
    private long _usedAt;

    /// <summary>True when nothing is on its way and what was acknowledged need not be remembered any longer.</summary>
    public bool Idle
    {
        get
        {
            lock (_gate)
            {
                return !_pumping && options.TimeProvider.GetElapsedTime(_usedAt) >= RememberedFor;
            }
        }
    }

    /// <summary>Takes its place in the order before this returns; the task completes with the hub's answer.</summary>
    /// <param name="bytes">About how large the event is on the wire.</param>
    public Task<PublishResult> Enqueue(TEvent e, int bytes)
    {
        lock (_gate)
        {
            PendingEvent<TEvent> pending = new(e, _enqueued++, bytes, NewDeadline(), settled);
            _waiting.AddLast(pending);
            PumpUnsynchronized();
            return pending.Done;
        }
    }

    private CancellationTokenSource NewDeadline() => new(options.PublishDeadline, options.TimeProvider);

    private void PumpUnsynchronized()
    {
        if (!_pumping)
        {
            _pumping = true;
            _ = Task.Run(PumpAsync, CancellationToken.None);
        }
    }

    private async Task PumpAsync()
    {
        int attempt = 0;
        HubError? last = null;
        while (true)
        {
            await ResolveDoubtAsync();
            if (TakeBatch(last) is not { } batch)
            {
                return;
            }

            last = batch.Count > 0 ? await SendOnceAsync(batch) : null;
            if (last is null)
            {
                attempt = 0;
                continue;
            }

            // The next attempt waits, but no longer than the oldest event may.
            using CancellationTokenSource wait = CancellationTokenSource.CreateLinkedTokenSource(stop, batch[0].Expires);
            await Task.Delay(DelayAfter(last, attempt++), options.TimeProvider, wait.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The next batch from the front, still in the queue's order; null, and no longer pumping, when there is nothing to send or to ask.</summary>
    private List<PendingEvent<TEvent>>? TakeBatch(HubError? last)
    {
        lock (_gate)
        {
            List<PendingEvent<TEvent>> batch = [];
            int bytes = 0;
            int most = _singles > 0 ? 1 : MaxEvents;
            while (_waiting.First is { } first && batch.Count < most)
            {
                if (first.Value.Expires.IsCancellationRequested || stop.IsCancellationRequested)
                {
                    _waiting.RemoveFirst();
                    Fail(first.Value, new HubClientException(first.Value.Error ?? Untried(last)));
                    continue;
                }

                bytes += first.Value.Bytes;
                if (bytes > MaxBytes && batch.Count > 0)
                {
                    break;
                }

                batch.Add(first.Value);
                _waiting.RemoveFirst();
            }

            _singles = Math.Max(0, _singles - batch.Count);
            _pumping = batch.Count > 0 || (_doubt is not null && !stop.IsCancellationRequested);
            _usedAt = options.TimeProvider.GetTimestamp();
            return _pumping ? batch : null;
        }
    }

    /// <summary>Settles what can be settled and puts the rest back to the front. Gives the error that calls for a wait, if any.</summary>
    private async Task<HubError?> SendOnceAsync(List<PendingEvent<TEvent>> batch)
    {
        IReadOnlyList<PublishResult> results;
        try
        {
            using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(stop, batch[0].Expires);
            results = await send(batch.Select(p => p.Event).ToArray(), linked.Token);
        }
        catch (HubClientException e) when (e.Retryable)
        {
            return PutBack(batch, e.Error);
        }
        catch (HubClientException) when (batch.Count > 1)
        {
            // One of them spoils the batch: send each alone, so that only that one fails.
            PutBack(batch);
            lock (_gate)
            {
                _singles = batch.Count;
            }

            return null;
        }
        catch (OperationCanceledException e)
        {
            return PutBack(batch, (e.InnerException as HubClientException ?? HubClientException.OutcomeUnknown(e)).Error);
        }
        catch (Exception e)
        {
            batch.ForEach(p => Fail(p, e));
            return null;
        }

        return Settle(batch, results);
    }

    private HubError? Settle(List<PendingEvent<TEvent>> batch, IReadOnlyList<PublishResult> results)
    {
        HubError? retry = null;
        List<PendingEvent<TEvent>> again = [];
        for (int i = 0; i < batch.Count; i++)
        {
            HubError? error = i < results.Count ? results[i].Error : new HubError(ErrorCodes.Internal, "The hub gave no result for this event.");
            if (error is null)
            {
                // Remembered before its publisher hears of it, so that a rollback finds whatever was acknowledged.
                lock (_gate)
                {
                    AcknowledgeUnsynchronized(batch[i], results[i]);
                }

                batch[i].Complete(results[i]);
            }
            else if (error.Retryable)
            {
                retry ??= error;
                batch[i].Failed(error);
                again.Add(batch[i]);
            }
            else
            {
                Fail(batch[i], new HubClientException(error));
            }
        }

        PutBack(again);
        return retry;
    }

    private HubError PutBack(List<PendingEvent<TEvent>> batch, HubError error)
    {
        batch.ForEach(p => p.Failed(error));
        PutBack(batch);
        return error;
    }

    private void PutBack(List<PendingEvent<TEvent>> batch)
    {
        lock (_gate)
        {
            PutBackUnsynchronized(batch);
        }
    }

    /// <summary>Each into its old place: a batch that comes back may meet older events that were rolled back.</summary>
    private void PutBackUnsynchronized(IReadOnlyList<PendingEvent<TEvent>> batch)
    {
        LinkedListNode<PendingEvent<TEvent>>? behind = _waiting.First;
        foreach (PendingEvent<TEvent> p in batch)
        {
            while (behind is not null && behind.Value.Order < p.Order)
            {
                behind = behind.Next;
            }

            if (behind is null)
            {
                _waiting.AddLast(p);
            }
            else
            {
                _waiting.AddBefore(behind, p);
            }
        }
    }

    /// <summary>Of an event that was never sent: what the hub refused before it, or else that there was no connection.</summary>
    private static HubError Untried(HubError? last) => last is { Code: not (ErrorCodes.OutcomeUnknown or ErrorCodes.Internal) } ? last : HubClientException.NotConnected().Error;

    private TimeSpan DelayAfter(HubError error, int attempt) =>
        error.Details?["retry_after_ms"] is JsonValue ms && ms.TryGetValue(out long wait) && wait > 0
            ? TimeSpan.FromMilliseconds(wait)
            : options.Retry.Delay(attempt);
}
