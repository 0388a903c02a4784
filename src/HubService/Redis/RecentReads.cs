using HubService.Contracts;
using HubService.Streams;
using HubService.Telemetry;

namespace HubService.Redis;

/// <summary>
/// Reads for those who follow a stream: out of the memory of its tail, else by one read for all who ask from the same position. Near
/// the head the read takes in everything up to it and the tail remembers that, so that a crowd that comes back is served from memory.
/// </summary>
internal sealed class RecentReads(IEventLog log, RedisTails tails, StreamOptions options, TimeProvider clock, HubMetrics metrics)
{
    private readonly Coalesced<(RedisTail Tail, StreamPosition After, int Limit), LogPage> _pages = new(async asked =>
    {
        metrics.LogRead();
        LogPage page = await log.ReadAsync(asked.Tail.Stream, asked.After, asked.Limit);
        asked.Tail.Remember(page);
        return page;
    });

    public async ValueTask<LogPage> ReadAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken)
    {
        if (tails.Find(stream) is not { } tail)
        {
            return await log.ReadAsync(stream, after, limit, cancellationToken);
        }

        Retention retention = options.Of(stream.Kind);
        if (tail.TryRead(after, limit, retention.Events, (clock.GetUtcNow() - retention.Age).ToUnixTimeMilliseconds()) is { } recent)
        {
            return recent;
        }

        bool isNear = tail.Head.Seq - after.Seq <= RecentEntries.MaxEntries;
        LogPage page = await _pages.ReadAsync((tail, after, isNear ? Math.Max(limit, RecentEntries.MaxEntries) : limit)).WaitAsync(cancellationToken);
        return page.Entries.Count <= limit ? page : page with { Entries = [.. page.Entries.Take(limit)] };
    }
}
