using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>Joins connections to streams and starts their cursors.</summary>
internal sealed class Subscriptions(Outboxes outboxes, StreamFeeds feeds, IEventLog log, CompletionHooks completions, TimeProvider time, HubMetrics metrics)
{
    /// <summary>May the connection join this stream, or join it again?</summary>
    public bool HasRoom(string connectionId, StreamKey stream) => outboxes.Find(connectionId)?.HasRoom(stream.Group) ?? true;

    /// <summary>Makes the connection a member of the stream's group, with a fresh cursor also when it is one already.</summary>
    /// <returns>Null when the connection is gone.</returns>
    /// <exception cref="HubException"><c>subscription_limit</c>: it has as many as it may.</exception>
    public async Task<Cursor?> JoinAsync(string connectionId, StreamKey stream)
    {
        if (outboxes.Find(connectionId) is not { } outbox)
        {
            return null;
        }

        StreamFeed feed = await feeds.RentAsync(stream);
        var cursor = new Cursor(feed, outbox);
        feed.Add(cursor);
        metrics.Subscribed();
        if (!outbox.TryAdd(cursor, out Cursor? replaced))
        {
            Drop(cursor);
            throw new HubException(ErrorCodes.SubscriptionLimit);
        }

        if (replaced is not null)
        {
            Drop(replaced);
        }

        return cursor;
    }

    public void Leave(string connectionId, string group)
    {
        if (outboxes.Find(connectionId)?.Remove(group) is { } cursor)
        {
            Drop(cursor);
        }
    }

    /// <summary>Takes away this cursor, and not one that has its place by now.</summary>
    public void Leave(Cursor cursor)
    {
        cursor.Outbox.Remove(cursor);
        Drop(cursor);
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
    /// Starts a cursor that has joined once the answer has left: first the prelude, then what the position lost, then everything
    /// after it; nothing when it has left by then, or another has taken its place.
    /// </summary>
    /// <param name="position">Null: from now on.</param>
    /// <param name="prelude">What to write before anything else, given the head that is answered.</param>
    public async Task<SubscribeResult> StartAsync(Cursor cursor, StreamPosition? position, Func<LogHead, Task<IReadOnlyList<ReadOnlyMemory<byte>>>>? prelude = null)
    {
        try
        {
            (SubscribeResult result, StreamPosition start, ReadOnlyMemory<byte> lost) = await AnswerAsync(cursor.Stream, position);
            IReadOnlyList<ReadOnlyMemory<byte>> first = prelude is null ? [] : await prelude(new LogHead(result.Epoch!, result.Seq!.Value));
            cursor.Written = start;
            cursor.Prelude = lost.IsEmpty ? first : [.. first, lost];
            completions.OnWritten(result, () => cursor.Outbox.Start(cursor));
            return result;
        }
        catch
        {
            // Who is told that it did not subscribe has no subscription.
            Leave(cursor);
            throw;
        }
    }

    /// <summary>The answer, where the cursor starts, and what it is told first, empty unless its position lost something.</summary>
    private async Task<(SubscribeResult Result, StreamPosition Start, ReadOnlyMemory<byte> Lost)> AnswerAsync(StreamKey stream, StreamPosition? position)
    {
        LogHead head = await log.HeadAsync(stream);
        if (position is not { } asked)
        {
            return (new SubscribeResult { Epoch = head.Epoch, Seq = head.Seq, Recovered = true, Replayed = 0 }, new StreamPosition(head.Epoch, head.Seq), default);
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

        // Told as it is answered: when the cursor starts, its position may have become the seq of an event that was appended meanwhile.
        ReadOnlyMemory<byte> lost = recovered ? default : Interruption.Frame(stream, asked, page, time);
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
