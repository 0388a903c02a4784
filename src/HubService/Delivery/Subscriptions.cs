using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>Joins connections to streams and starts their cursors.</summary>
internal sealed class Subscriptions(Outboxes outboxes, StreamFeeds feeds, IEventLog log, CompletionHooks completions)
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
        if (!outbox.TryAdd(cursor, out Cursor? replaced))
        {
            feeds.Return(feed);
            return false;
        }

        feed.Add(cursor);
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
        if (outboxes.Remove(connectionId) is not { } outbox)
        {
            return;
        }

        outbox.Close();
        foreach (Cursor cursor in outbox.Cursors)
        {
            cursor.Mode = CursorMode.Stopped;
            Drop(cursor);
        }
    }

    /// <summary>Starts the connection's cursor once the answer has left: the prelude first, then everything after the position.</summary>
    /// <param name="position">Null: from now on.</param>
    /// <param name="prelude">What to write before the first event, given the head.</param>
    public async Task<SubscribeResult> StartAsync(string connectionId, StreamKey stream, StreamPosition? position, Func<LogHead, Task<IReadOnlyList<ReadOnlyMemory<byte>>>>? prelude = null)
    {
        LogHead head = await log.HeadAsync(stream);
        var result = new SubscribeResult { Epoch = head.Epoch, Seq = head.Seq, Recovered = true, Replayed = 0 };
        if (position is { } asked)
        {
            LogPage page = await log.ReadAsync(stream, asked, 1);
            long from = page.Verdict switch
            {
                ReadVerdict.HistoryLost => page.Lowest - 1,
                ReadVerdict.Reset => page.LastValid,
                _ => asked.Seq,
            };
            result = result with { Epoch = page.Epoch, Seq = page.Head, Recovered = page.Verdict == ReadVerdict.Ok, Replayed = page.Head - from };
        }

        if (outboxes.Find(connectionId) is { } outbox && outbox.Find(stream.Group) is { } cursor)
        {
            cursor.Written = position ?? new StreamPosition(head.Epoch, head.Seq);
            cursor.Prelude = prelude is null ? [] : await prelude(head);
            completions.OnWritten(result, () => outbox.Start(cursor));
        }

        return result;
    }

    private void Drop(Cursor cursor)
    {
        cursor.Feed.Remove(cursor);
        feeds.Return(cursor.Feed);
    }
}
