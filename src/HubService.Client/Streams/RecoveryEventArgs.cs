using HubService.Contracts;

namespace HubService.Client;

/// <summary>The answer to a subscription: did the stream go on where this client had left it?</summary>
public sealed class RecoveryEventArgs : EventArgs
{
    internal RecoveryEventArgs(StreamId stream, RecoveryReason reason, bool recovered, StreamPosition? from, StreamPosition to, long replayed) =>
        (Stream, Reason, Recovered, From, To, Replayed) = (stream, reason, recovered, from, to, replayed);

    /// <summary>The thread or project.</summary>
    public StreamId Stream { get; }

    /// <summary>Why the client subscribed.</summary>
    public RecoveryReason Reason { get; }

    /// <summary>True when every event since <see cref="From"/> follows; false when the subscribers get a <see cref="StreamItem.HistoryLost"/> or <see cref="StreamItem.Reset"/> first.</summary>
    public bool Recovered { get; }

    /// <summary>The position that was asked, the lowest of all subscribers; null when only what comes from now on was asked for.</summary>
    public StreamPosition? From { get; }

    /// <summary>The newest event of the stream when the subscription began.</summary>
    public StreamPosition To { get; }

    /// <summary>How many events are sent again, up to <see cref="To"/>.</summary>
    public long Replayed { get; }
}
