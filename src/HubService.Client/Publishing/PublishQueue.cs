using System.Text.Json.Nodes;
using HubService.Contracts;

namespace HubService.Client;

/// <summary>
/// Sends one stream's events in the order they were enqueued: at most one batch is in flight, what arrives meanwhile forms
/// the next. Retryable failures are retried with the same events, so with the same ids, until an event's deadline.
/// </summary>
/// <param name="send">Sends a batch; gives one result per event, or throws <see cref="HubClientException"/> for the whole batch.</param>
internal sealed class PublishQueue<TEvent>(
    Func<IReadOnlyList<TEvent>, CancellationToken, Task<IReadOnlyList<PublishResult>>> send,
    HubServiceClientOptions options,
    CancellationToken stop)
{
    public const int MaxEvents = 500;
    public const int MaxBytes = 1_000_000;

    private readonly Lock _gate = new();
    private readonly LinkedList<Pending> _waiting = new();
    private bool _pumping;
    private int _singles;

    public bool Idle
    {
        get
        {
            lock (_gate)
            {
                return !_pumping;
            }
        }
    }

    /// <summary>Takes its place in the order before this returns; the task completes with the hub's answer.</summary>
    /// <param name="bytes">About how large the event is on the wire.</param>
    public Task<PublishResult> Enqueue(TEvent e, int bytes)
    {
        Pending pending = new(e, bytes, new CancellationTokenSource(options.PublishDeadline, options.TimeProvider));
        lock (_gate)
        {
            _waiting.AddLast(pending);
            if (!_pumping)
            {
                _pumping = true;
                _ = Task.Run(PumpAsync, CancellationToken.None);
            }
        }

        return pending.Done.Task;
    }

    private async Task PumpAsync()
    {
        int attempt = 0;
        HubError? last = null;
        while (TakeBatch(last) is { } batch)
        {
            last = await SendOnceAsync(batch);
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

    /// <summary>The next batch from the front, still in the queue's order; null, and no longer pumping, when there is nothing to send.</summary>
    private List<Pending>? TakeBatch(HubError? last)
    {
        lock (_gate)
        {
            List<Pending> batch = [];
            int bytes = 0;
            int most = _singles > 0 ? 1 : MaxEvents;
            while (_waiting.First is { } first && batch.Count < most)
            {
                if (first.Value.Expires.IsCancellationRequested || stop.IsCancellationRequested)
                {
                    _waiting.RemoveFirst();
                    first.Value.Fail(last is null ? HubClientException.NotConnected() : new HubClientException(last));
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
            _pumping = batch.Count > 0;
            return _pumping ? batch : null;
        }
    }

    /// <summary>Settles what can be settled and puts the rest back to the front. Gives the error that calls for a wait, if any.</summary>
    private async Task<HubError?> SendOnceAsync(List<Pending> batch)
    {
        IReadOnlyList<PublishResult> results;
        try
        {
            using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(stop, batch[0].Expires);
            results = await send(batch.Select(p => p.Event).ToArray(), linked.Token);
        }
        catch (HubClientException e) when (e.Retryable)
        {
            PutBack(batch);
            return e.Error;
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
            PutBack(batch);
            return HubClientException.OutcomeUnknown(e).Error;
        }
        catch (Exception e)
        {
            batch.ForEach(p => p.Fail(e));
            return null;
        }

        return Settle(batch, results);
    }

    private HubError? Settle(List<Pending> batch, IReadOnlyList<PublishResult> results)
    {
        HubError? retry = null;
        List<Pending> again = [];
        for (int i = 0; i < batch.Count; i++)
        {
            HubError? error = i < results.Count ? results[i].Error : new HubError(ErrorCodes.Internal, "The hub gave no result for this event.");
            if (error is null)
            {
                batch[i].Complete(results[i]);
            }
            else if (error.Retryable)
            {
                retry ??= error;
                again.Add(batch[i]);
            }
            else
            {
                batch[i].Fail(new HubClientException(error));
            }
        }

        PutBack(again);
        return retry;
    }

    private void PutBack(List<Pending> batch)
    {
        lock (_gate)
        {
            for (int i = batch.Count - 1; i >= 0; i--)
            {
                _waiting.AddFirst(batch[i]);
            }
        }
    }

    private TimeSpan DelayAfter(HubError error, int attempt) =>
        error.Details?["retry_after_ms"] is JsonValue ms && ms.TryGetValue(out long wait) && wait > 0
            ? TimeSpan.FromMilliseconds(wait)
            : options.Retry.Delay(attempt);

    private sealed record Pending(TEvent Event, int Bytes, CancellationTokenSource Deadline)
    {
        public CancellationToken Expires { get; } = Deadline.Token;

        public TaskCompletionSource<PublishResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Complete(PublishResult result)
        {
            Deadline.Dispose();
            Done.TrySetResult(result);
        }

        public void Fail(Exception error)
        {
            Deadline.Dispose();
            Done.TrySetException(error);
        }
    }
}
