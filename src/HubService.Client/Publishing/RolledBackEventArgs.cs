using HubService.Contracts;

namespace HubService.Client;

/// <summary>The store lost acknowledged events of this client, as a failover to a lagging replica may; they are being published again.</summary>
public sealed class RolledBackEventArgs(StreamId stream, int count, string epoch, long lastValid) : EventArgs
{
    /// <summary>The thread or project.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>How many events are published again, with the same ids, in order, before anything newer.</summary>
    public int Count { get; } = count;

    /// <summary>The epoch in which the stream goes on.</summary>
    public string Epoch { get; } = epoch;

    /// <summary>Everything up to this seq was kept.</summary>
    public long LastValid { get; } = lastValid;
}
