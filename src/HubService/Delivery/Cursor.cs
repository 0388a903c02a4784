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

/// <summary>A subscriber's position in one stream. Its fields belong to the outbox and are changed under its lock.</summary>
internal sealed class Cursor(StreamFeed feed, Outbox outbox)
{
    public StreamFeed Feed { get; } = feed;

    public Outbox Outbox { get; } = outbox;

    public CursorMode Mode { get; set; }

    /// <summary>Everything up to here has been handed to the connection, in order.</summary>
    public StreamPosition Written { get; set; }

    /// <summary>Written once, before anything else, e.g. a project's greeting.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Prelude { get; set; } = [];

    public StreamKey Stream => Feed.Stream;
}
