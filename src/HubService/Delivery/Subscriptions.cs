using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;

namespace HubService.Delivery;

/// <summary>Joins connections to streams and starts their cursors.</summary>
internal sealed class Subscriptions(Outboxes outboxes, StreamFeeds feeds, IEventLog log, CompletionHooks completions, TimeProvider time, HubMetrics metrics)
{
    /// <summary>May the connection join this stream, or join it again?</summary>
    public bool HasRoom(string connectionId, StreamKey stream) => outboxes.Find(connectionId)?.HasRoom(stream.Group) ?? true;

    /// <summary>Makes the connection a member of the stream's group, or gives it a fresh cursor if it is one. False: it has too many.</summary>
    public async Task<bool> TryJoinAsync(string connectionId, StreamKey stream)
    {
        if (outboxes.Find(connectionId) is not { } outbox)
        {
            return true;
        }

        StreamFeed feed = await feeds.RentAsync(stream);
        var cursor = new Cursor(feed, outbox);
        feed.Add(cursor);
        metrics.Subscribed();
        if (!outbox.TryAdd(cursor, out Cursor? replaced))
        {
            Drop(cursor);
            return false;
        }

        if (replaced is not null)
        {
            Drop(replaced);
        }

        return true;
    }

    public void Leave(string connectionId, string group)
    {
        if (outboxes.Find(connectionId)?.Remove(group) is { } cursor)
        {
            Drop(cursor);
        }
    }

    /// <summary>Takes a closed connection out of everything it was a member of.</summary>
    public void Forget(string connectionId)
    {
        foreach (Cursor cursor in outboxes.Remove(connectionId)?.RemoveAll() ?? [])
        {
            Drop(cursor);
        }
    }

    /// <summary>Starts the connection's cursor once the answer has left: the prelude first, then everything after the position.</summary>
    /// <param name="position">Null: from now on.</param>
    /// <param name="prelude">What to write before the first event, given the head.</param>
    public async Task<SubscribeResult> StartAsync(string connectionId, StreamKey stream, StreamPosition? position, Func<LogHead, Task<IReadOnlyList<ReadOnlyMemory<byte>>>>? prelude = null)
    {
        try
        {
            return await AnswerAsync(connectionId, stream, position, prelude);
        }
        catch (LogException)
        {
            // Who is told that it did not subscribe has no subscription.
            Leave(connectionId, stream.Group);
            throw;
        }
    }

    private async Task<SubscribeResult> AnswerAsync(string connectionId, StreamKey stream, StreamPosition? position, Func<LogHead, Task<IReadOnlyList<ReadOnlyMemory<byte>>>>? prelude)
    {
        LogHead head = await log.HeadAsync(stream);
        var result = new SubscribeResult { Epoch = head.Epoch, Seq = head.Seq, Recovered = true, Replayed = 0 };
        StreamPosition start = position ?? new StreamPosition(head.Epoch, head.Seq);
        ReadOnlyMemory<byte>? interruption = null;
        if (position is { } asked)
        {
            LogPage page = await log.ReadRecentAsync(stream, asked, 1);
            if (page.Epoch != head.Epoch)
            {
                // Memory is of a history that the log has left, or the log has just left it.
                page = await log.ReadAsync(stream, asked, 1);
            }

            // Told, and gone on from, as it is answered: what is appended until the cursor starts makes no difference.
            if (page.Verdict != ReadVerdict.Ok)
            {
                interruption = Interruption.Frame(stream, asked, page, time);
                start = page.GoesOnFrom;
            }

            // Never less than what the log said before: whoever published something waits for it.
            long seq = page.Epoch == head.Epoch ? Math.Max(page.Head, head.Seq) : page.Head;
            result = result with { Epoch = page.Epoch, Seq = seq, Recovered = page.Verdict == ReadVerdict.Ok, Replayed = seq - Math.Max(start.Seq, page.Lowest - 1) };
        }

        if (outboxes.Find(connectionId) is { } outbox && outbox.Find(stream.Group) is { } cursor)
        {
            cursor.Written = start;
            cursor.Prelude = prelude is null ? [] : await prelude(head);
            if (interruption is { } frame)
            {
                cursor.Prelude = [.. cursor.Prelude, frame];
            }

            completions.OnWritten(result, () => outbox.Start(cursor));
        }

        return result;
    }

    /// <summary>Once, however many find that the cursor has to go.</summary>
    private void Drop(Cursor cursor)
    {
        if (cursor.Feed.Remove(cursor))
        {
            metrics.Unsubscribed();
            feeds.Return(cursor.Feed);
        }
    }
}
