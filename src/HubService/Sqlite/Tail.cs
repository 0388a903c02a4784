using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>Where a stream ends. Ids and lsns are the store's own numbers; <see cref="StreamId"/> 0 means nobody wrote to it yet.</summary>
/// <param name="MinTs">The lowest ts among the events after the last mark.</param>
/// <param name="MaxTs">The highest ts among the events after the last mark.</param>
internal readonly record struct Tail(long StreamId, string Epoch, long Seq, long Lsn, long MinTs, long MaxTs)
{
    public static readonly Tail Nothing = new(0, "", 0, 0, long.MaxValue, long.MinValue);

    public LogHead Head => new(Epoch, Seq);
}
