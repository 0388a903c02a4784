namespace HubService.Agents;

/// <summary>Bound from <c>Agents</c>.</summary>
internal sealed class AgentOptions
{
    /// <summary>A run that was asked of a worker must start within this time.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a run outlives its publisher's connection.</summary>
    public TimeSpan DisconnectGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A run published over HTTP ends when no event and no heartbeat came for this long.</summary>
    public TimeSpan HttpLease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A run published over a living connection ends when no event and no heartbeat came for this long.</summary>
    public TimeSpan ConnectionLease { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A worker that was told to cancel must end its run within this time; then the hub does.</summary>
    public TimeSpan CancelTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest text of a message, in characters; at most 32,000.</summary>
    public int MaxTextLength { get; set; } = 32_000;

    /// <summary>The most members of a thread.</summary>
    public int MaxMembers { get; set; } = 100;
}
