namespace HubService.Client;

/// <summary>Why a client subscribed; the TypeScript client has the same words.</summary>
public enum RecoveryReason
{
    /// <summary>A subscriber came to the stream.</summary>
    Subscribed,

    /// <summary>The connection is a new one.</summary>
    Resumed,

    /// <summary>An event was missing; see <see cref="HubClient.Gaps"/>.</summary>
    Gap,

    /// <summary>A subscriber whose buffer was full has emptied it, and is served from where it stopped.</summary>
    SlowSubscriber,

    /// <summary>The hub told of a reset, after which the subscribers' positions are asked for again.</summary>
    Reset,
}
