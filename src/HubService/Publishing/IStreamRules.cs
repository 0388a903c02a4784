using HubService.Streams;

namespace HubService.Publishing;

/// <summary>The order that one kind of stream keeps, as a projection of its events: a thread's runs, a project's stages.</summary>
internal interface IStreamRules
{
    /// <summary>The stream kind these rules are for.</summary>
    string Kind { get; }

    /// <summary>Must the projection see events of this type? Others are appended without parsing them again on a rebuild.</summary>
    bool Affects(string type);

    /// <summary>The projection to start from.</summary>
    IStreamState Open(StreamKey stream, ReadOnlyMemory<byte>? snapshot);

    /// <summary>The envelope as JSON without seq and epoch, given the projection after the event.</summary>
    ReadOnlyMemory<byte> Render(StreamKey stream, IStreamState state, EventDraft draft, DateTimeOffset at);

    /// <summary>Reads an envelope that <see cref="Render"/> wrote.</summary>
    PlacedEvent Read(LogEntry entry);

    /// <summary>
    /// Called after every kept batch of this node, and with no events when it takes the stream over as it is: loaded from a log of
    /// its own, or kept from now on. One call at a time per stream.
    /// </summary>
    /// <param name="kept">The fresh events of the batch.</param>
    void Settled(StreamKey stream, IStreamState state, IReadOnlyList<EventDraft> kept);

    /// <summary>Called when the projection holds what other nodes appended, before anything is decided on it.</summary>
    void CaughtUp(StreamKey stream, IStreamState state);
}
