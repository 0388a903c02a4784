using HubService.Streams;
using HubService.Telemetry;

namespace HubService.Delivery;

/// <summary>The feeds of the streams that have members on this node.</summary>
internal sealed class StreamFeeds(IEventLog log, AccessNews news, ReplayLanes lanes, HubMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamKey, Entry> _feeds = [];

    /// <summary>The stream's feed, following the log; give it back with <see cref="Return"/>.</summary>
    public async Task<StreamFeed> RentAsync(StreamKey stream)
    {
        Entry entry;
        lock (_gate)
        {
            if (!_feeds.TryGetValue(stream, out entry!))
            {
                var feed = new StreamFeed(stream, news, lanes, metrics);
                entry = _feeds[stream] = new Entry(feed, feed.OpenAsync(log));
                metrics.StreamOpened();
            }

            entry.Users++;
        }

        try
        {
            await entry.Opened;
        }
        catch
        {
            Return(entry.Feed);
            throw;
        }

        return entry.Feed;
    }

    /// <summary>How many streams have members.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _feeds.Count;
            }
        }
    }

    public void Return(StreamFeed feed)
    {
        lock (_gate)
        {
            if (_feeds.TryGetValue(feed.Stream, out Entry? entry) && entry.Feed == feed && --entry.Users == 0)
            {
                _feeds.Remove(feed.Stream);
                feed.Dispose();
                metrics.StreamClosed();
            }
        }
    }

    private sealed class Entry(StreamFeed feed, Task opened)
    {
        public StreamFeed Feed { get; } = feed;

        public Task Opened { get; } = opened;

        public int Users { get; set; }
    }
}
