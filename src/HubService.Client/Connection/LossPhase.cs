namespace HubService.Client;

/// <summary>What to tell a person of the connection.</summary>
public enum LossPhase
{
    /// <summary>There has been no connection for <see cref="HubServiceClientOptions.LostAfter"/>; attempts go on.</summary>
    Lost,

    /// <summary>There is one again, after it was lost.</summary>
    Restored,

    /// <summary>The hub does not let this client in; nothing is tried any more. See <see cref="ConnectionState.Refused"/>.</summary>
    Failed,
}

/// <summary>The connection was lost for longer than a blink, came back, or will not come back.</summary>
/// <param name="phase">Which of them.</param>
/// <param name="error">The last error, if there was one.</param>
public sealed class ConnectionLossEventArgs(LossPhase phase, Exception? error) : EventArgs
{
    /// <summary>Which of them.</summary>
    public LossPhase Phase { get; } = phase;

    /// <summary>What ended the last connection or attempt, when there was an error.</summary>
    public Exception? Error { get; } = error;
}
