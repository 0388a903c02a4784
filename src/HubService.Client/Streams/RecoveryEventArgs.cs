using HubService.Contracts;

namespace HubService.Client;

/// <summary>Why a client subscribed.</summary>
public enum RecoveryReason
{
    /// <summary>A reader joined the stream.</summary>
    Joined,

    /// <summary>The connection is a new one.</summary>
    Reconnected,

    /// <summary>An event was missing; see <see cref="HubClient.Gaps"/>.</summary>
    Gap,

    /// <summary>A reader whose buffer was full has emptied it, and is served from where it stopped.</summary>
    SlowReader,

    /// <summary>The hub told of a reset, after which the readers' positions are asked for again.</summary>
    Reset,
}

/// <summary>The answer to a subscription: did the stream go on where this client had left it?</summary>
public sealed class RecoveryEventArgs : EventArgs
{
    internal RecoveryEventArgs(StreamId stream, RecoveryReason reason, bool recovered, StreamPosition? from, StreamPosition to, long replayed) =>
        (Stream, Reason, Recovered, From, To, Replayed) = (stream, reason, recovered, from, to, replayed);

    /// <summary>The thread or project.</summary>
    public StreamId Stream { get; }

    /// <summary>Why the client subscribed.</summary>
    public RecoveryReason Reason { get; }

    /// <summary>True when every event since <see cref="From"/> follows; false when the readers get a <see cref="StreamItem.HistoryLost"/> or <see cref="StreamItem.Reset"/> first.</summary>
    public bool Recovered { get; }

    /// <summary>The position that was asked, the lowest of all readers; null when only what comes from now on was asked for.</summary>
    public StreamPosition? From { get; }

    /// <summary>The newest event of the stream when the subscription began.</summary>
    public StreamPosition To { get; }

    /// <summary>How many events are sent again, up to <see cref="To"/>.</summary>
    public long Replayed { get; }
}
