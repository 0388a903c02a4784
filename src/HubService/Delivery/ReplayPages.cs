using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>
/// Pages of the log as those who catch up are sent them, remembered for a moment: hundreds who come back at once walk the same
/// stream side by side, and are served by one read and one framing. What may still change is not remembered: the end of a stream,
/// and the answer to a position that names no epoch.
/// </summary>
internal sealed class ReplayPages(IEventLog log, TimeProvider time)
{
    /// <summary>A page is no older than this when it is sent, as if its reader had been slow for so long.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private const int MaxBytes = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(StreamKey, StreamPosition, int), ReplayPage> _pages = [];
    private readonly Queue<((StreamKey, StreamPosition, int) Key, long At, int Bytes)> _order = new();
    private int _bytes;

    /// <summary>What follows a position, up to <paramref name="limit"/> events.</summary>
    public async ValueTask<ReplayPage> ReadAsync(StreamKey stream, StreamPosition after, int limit)
    {
        (StreamKey, StreamPosition, int) key = (stream, after, limit);
        lock (_gate)
        {
            ForgetUnsynchronized();
            if (_pages.TryGetValue(key, out ReplayPage? known))
            {
                return known;
            }
        }

        long at = time.GetTimestamp();
        LogPage read = await log.ReadRecentAsync(stream, after, limit);
        ReplayPage page = new(read, Chunks(stream, read));
        int bytes = page.Chunks.Sum(c => c.Message.Frame.Length);
        if (read.Verdict == ReadVerdict.Ok && read.Entries.Count == limit && read.Epoch == after.Epoch && bytes <= MaxBytes)
        {
            lock (_gate)
            {
                if (_pages.TryAdd(key, page))
                {
                    _order.Enqueue((key, at, bytes));
                    _bytes += bytes;
                    ForgetUnsynchronized();
                }
            }
        }

        return page;
    }

    /// <summary>One pass over what is remembered, so that nothing is for longer because nobody reads; returns how many pages are left.</summary>
    public int ForgetOnce()
    {
        lock (_gate)
        {
            ForgetUnsynchronized();
            return _pages.Count;
        }
    }

    private void ForgetUnsynchronized()
    {
        while (_order.TryPeek(out var oldest) && (_bytes > MaxBytes || time.GetElapsedTime(oldest.At) >= Fresh))
        {
            _order.Dequeue();
            _pages.Remove(oldest.Key);
            _bytes -= oldest.Bytes;
        }
    }

    private static List<EventChunk> Chunks(StreamKey stream, LogPage page)
    {
        List<EventChunk> chunks = [];
        for (int next = 0; next < page.Entries.Count; next += chunks[^1].Count)
        {
            chunks.Add(EventChunk.Take(stream.Kind, page.Epoch, page.Entries, next));
        }

        return chunks;
    }
}

/// <param name="Chunks">The page's events, in order.</param>
internal sealed record ReplayPage(LogPage Page, IReadOnlyList<EventChunk> Chunks);
