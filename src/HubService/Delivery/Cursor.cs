using HubService.Contracts;
using HubService.Streams;

namespace HubService.Delivery;

/// <summary>How a cursor gets its events.</summary>
internal enum CursorMode
{
    /// <summary>Joined, but not started: the answer to Subscribe has not left yet.</summary>
    Waiting,

    /// <summary>Behind the head: fed from the log in pages.</summary>
    Behind,

    /// <summary>At the head: fed by the broadcast.</summary>
    Live,

    /// <summary>Left; whatever still waits for it is dropped.</summary>
    Stopped,
}

/// <summary>Where a chunk of events stands to a cursor.</summary>
internal enum EventPlace
{
    Next,

    /// <summary>All of it was read from the log before the broadcast came.</summary>
    Seen,

    /// <summary>Something is missing in between, or was read already, or the stream has a new epoch: only the log can tell.</summary>
    Beyond,
}

/// <summary>
/// A subscriber's position in one stream. Until it starts it belongs to the Subscribe that joined; then its mode and positions are changed
/// under the outbox's lock, and what concerns its replay by the outbox's pump.
/// </summary>
internal sealed class Cursor(StreamFeed feed, Outbox outbox)
{
    public StreamFeed Feed { get; } = feed;

    public Outbox Outbox { get; } = outbox;

    /// <summary>Its index among the feed's members, changed under the feed's lock; -1 while it is not one.</summary>
    public int MemberIndex { get; set; } = -1;

    public CursorMode Mode { get; set; }

    /// <summary>Everything up to here has been handed to the connection, in order.</summary>
    public StreamPosition Written { get; set; }

    /// <summary>While live: everything up to here has been handed to the connection or waits in its queue.</summary>
    public StreamPosition Posted { get; set; }

    /// <summary>While behind: the stream's end and its own before the last page; null before the first.</summary>
    public (long Head, long Written)? BeforeLastPage { get; set; }

    /// <summary>Written once, before anything else, e.g. a project's greeting, or what the asked position lost.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Prelude { get; set; } = [];

    public StreamKey Stream => Feed.Stream;

    /// <summary>Where broadcast events stand to what was posted. Only the next ones may be: whatever else happens, there is no silent gap.</summary>
    public EventPlace PlaceOf(EventChunk chunk) =>
        Posted.Epoch.Length > 0 && Posted.Epoch != chunk.Last.Epoch ? EventPlace.Beyond
        : chunk.Last.Seq <= Posted.Seq ? EventPlace.Seen
        : chunk.First == Posted.Seq + 1 ? EventPlace.Next
        : EventPlace.Beyond;
}
