namespace HubService.Wire;

/// <summary>Bound from <c>Wire</c>.</summary>
internal sealed class WireOptions
{
    /// <summary>Messages of WebSocket connections are read, framed and written below SignalR's pipes, and publishes do not pass its dispatcher and filters; false: SignalR does all of it.</summary>
    public bool Direct { get; set; } = true;

    /// <summary>A connection that is written to more than twice within this time on average, lately, gathers what comes next, at most this long, into one write. Zero: never.</summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long a connection that is closed has for what still waits for it, before it is cut.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
