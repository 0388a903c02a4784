namespace HubService.Client;

/// <summary>Where a client's connection stands.</summary>
public enum ConnectionState
{
    /// <summary>Nobody asked for a connection yet.</summary>
    Idle,

    /// <summary>The first connect is under way; it is retried until it succeeds.</summary>
    Connecting,

    /// <summary>The hub answers.</summary>
    Connected,

    /// <summary>The connection was lost and is being made again; subscriptions resume from their positions.</summary>
    Reconnecting,

    /// <summary>
    /// The hub does not let this client in, not with a new token either. Calls, publishes and subscriptions fail with
    /// <c>unauthorized</c> or <c>forbidden</c> until <see cref="HubClient.ConnectAsync"/> is called again.
    /// </summary>
    Failed,

    /// <summary>The client was disposed.</summary>
    Closed,
}

/// <summary>A change of a client's connection.</summary>
/// <param name="previous">What it was.</param>
/// <param name="state">What it became.</param>
/// <param name="error">What ended the last connection or attempt.</param>
/// <param name="retryIn">The wait before the next attempt.</param>
public sealed class ConnectionChangedEventArgs(ConnectionState previous, ConnectionState state, Exception? error = null, TimeSpan? retryIn = null) : EventArgs
{
    /// <summary>What it was; the same as <see cref="State"/> after an attempt that failed.</summary>
    public ConnectionState Previous { get; } = previous;

    /// <summary>What it became.</summary>
    public ConnectionState State { get; } = state;

    /// <summary>What ended the last connection or attempt, when there was an error.</summary>
    public Exception? Error { get; } = error;

    /// <summary>The wait before the next attempt; null when none follows.</summary>
    public TimeSpan? RetryIn { get; } = retryIn;
}
