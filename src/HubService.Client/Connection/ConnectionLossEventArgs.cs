namespace HubService.Client;

/// <summary>The connection was lost for longer than <see cref="HubServiceClientOptions.LostAfter"/>, was restored after that, or failed for good.</summary>
/// <param name="phase">Lost, restored or failed.</param>
/// <param name="error">The last error, if there was one.</param>
public sealed class ConnectionLossEventArgs(LossPhase phase, Exception? error) : EventArgs
{
    /// <summary>Lost, restored or failed.</summary>
    public LossPhase Phase { get; } = phase;

    /// <summary>What ended the last connection or attempt, when there was an error.</summary>
    public Exception? Error { get; } = error;
}
