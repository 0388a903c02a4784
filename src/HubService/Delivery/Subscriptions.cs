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

    /// <summary>
    /// Starts the connection's cursor once the answer has left: first the prelude, then what the position lost, then everything
    /// after it. When another Subscribe has begun a run of its own by then, that one is all that follows.
    /// </summary>
    /// <param name="position">Null: from now on.</param>
    /// <param name="prelude">What to write before anything else, given the head that is answered.</param>
    public async Task<SubscribeResult> StartAsync(string connectionId, StreamKey stream, StreamPosition? position, Func<LogHead, Task<IReadOnlyList<ReadOnlyMemory<byte>>>>? prelude = null)
    {
        Cursor? cursor = await ClaimAsync(connectionId, stream);
        try
        {
            (SubscribeResult result, StreamPosition start, ReadOnlyMemory<byte>? lost) = await AnswerAsync(stream, position);
            IReadOnlyList<ReadOnlyMemory<byte>> first = prelude is null ? [] : await prelude(new LogHead(result.Epoch!, result.Seq!.Value));
            if (cursor is not null)
            {
                cursor.Written = start;
                cursor.Prelude = lost is { } told ? [.. first, told] : first;
                completions.OnWritten(result, () => cursor.Outbox.Start(cursor));
            }

            return result;
        }
        catch when (cursor is not null)
        {
            // Who is told that it did not subscribe has no subscription.
            cursor.Outbox.Remove(cursor);
            Drop(cursor);
            throw;
        }
    }

    /// <summary>The connection's cursor in the stream, for this Subscribe alone; null when it has left.</summary>
    private async Task<Cursor?> ClaimAsync(string connectionId, StreamKey stream)
    {
        Cursor? cursor = null;
        while (outboxes.Find(connectionId) is { } outbox && !outbox.TryClaim(stream.Group, out cursor))
        {
            // Both joined, and then the other one was faster.
            if (!await TryJoinAsync(connectionId, stream))
            {
                return null;
            }
        }

        return cursor;
    }

    /// <summary>The answer, where the cursor starts, and what it is told first if it does not start where it asked.</summary>
    private async Task<(SubscribeResult Result, StreamPosition Start, ReadOnlyMemory<byte>? Lost)> AnswerAsync(StreamKey stream, StreamPosition? position)
    {
        LogHead head = await log.HeadAsync(stream);
        if (position is not { } asked)
        {
            return (new SubscribeResult { Epoch = head.Epoch, Seq = head.Seq, Recovered = true, Replayed = 0 }, new StreamPosition(head.Epoch, head.Seq), null);
        }

        LogPage page = await log.ReadRecentAsync(stream, asked, 1);
        if (page.Epoch != head.Epoch)
        {
            // Memory is of a history that the log has left, or the log has just left it.
            page = await log.ReadAsync(stream, asked, 1);
        }

        // Never less than what the log said before: whoever published something waits for it.
        long seq = page.Epoch == head.Epoch ? Math.Max(page.Head, head.Seq) : page.Head;
        bool recovered = page.Verdict == ReadVerdict.Ok;

        // Told as it is answered: read again when the cursor starts, the position could have become another's that was appended meanwhile.
        ReadOnlyMemory<byte>? lost = recovered ? null : Interruption.Frame(stream, asked, page, time);
        StreamPosition start = recovered ? asked : page.GoesOnFrom;
        return (new SubscribeResult { Epoch = page.Epoch, Seq = seq, Recovered = recovered, Replayed = seq - Math.Max(start.Seq, page.Lowest - 1) }, start, lost);
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
