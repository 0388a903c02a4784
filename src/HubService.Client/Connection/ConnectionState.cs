namespace HubService.Client;

/// <summary>Where a client's connection stands.</summary>
public enum ConnectionState
{
    /// <summary>Nobody asked for a connection yet.</summary>
    Idle,

    /// <summary>The first connect is under way; it is retried until it succeeds.</summary>
    Connecting,

    Connected,

    /// <summary>The connection was lost and is being made again; subscriptions resume from their positions.</summary>
    Reconnecting,

    /// <summary>The client was disposed.</summary>
    Closed,
}

/// <param name="State">The new state.</param>
/// <param name="Error">What ended the last connection or attempt, when there was an error.</param>
public sealed record ConnectionChange(ConnectionState State, Exception? Error);
