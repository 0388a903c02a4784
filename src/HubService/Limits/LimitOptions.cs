namespace HubService.Limits;

/// <summary>Bound from <c>Limits</c>.</summary>
internal sealed class LimitOptions
{
    /// <summary>How many connections a user, one subject, may have to all nodes together.</summary>
    public int ConnectionsPerUser { get; set; } = 20;

    /// <summary>Messages per second of a user's connection, and of all a user publishes over HTTP, in the long run.</summary>
    public double MessagesPerSecond { get; set; } = 20;

    /// <summary>How many messages a user's connection may send at once.</summary>
    public int MessageBurst { get; set; } = 60;

    /// <summary>Messages per second of a publisher's or worker's connection, and of all its subject publishes over HTTP, in the long run; also its burst.</summary>
    public double PublisherMessagesPerSecond { get; set; } = 2_000;
}
