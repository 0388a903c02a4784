namespace HubService.Client;

/// <summary>A node of the service stops; the client leaves it by itself, at a random moment within the time.</summary>
/// <param name="reconnectWithin">The time it gives.</param>
public sealed class DrainingEventArgs(TimeSpan reconnectWithin) : EventArgs
{
    /// <summary>How long the node still serves.</summary>
    public TimeSpan ReconnectWithin { get; } = reconnectWithin;
}
