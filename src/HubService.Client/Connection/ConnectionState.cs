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

    /// <summary>The client was disposed.</summary>
    Closed,
}

/// <summary>A change of a client's connection.</summary>
public sealed class ConnectionChangedEventArgs(ConnectionState state, Exception? error) : EventArgs
{
    /// <summary>What it became.</summary>
    public ConnectionState State { get; } = state;

    /// <summary>What ended the last connection or attempt, when there was an error.</summary>
    public Exception? Error { get; } = error;
}
