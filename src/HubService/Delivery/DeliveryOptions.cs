namespace HubService.Delivery;

/// <summary>Bound from <c>Delivery</c>.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>The most messages that wait for one connection before it catches up from the log instead.</summary>
    public int OutboxMessages { get; set; } = 256;

    /// <summary>The most bytes that wait for one connection.</summary>
    public int OutboxBytes { get; set; } = 1024 * 1024;

    /// <summary>Events read from the log at once for a connection that is behind.</summary>
    public int ReplayPage { get; set; } = 200;

    /// <summary>A connection that takes nothing for this long is closed, so that its client reconnects and resumes.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most streams one connection may subscribe to.</summary>
    public int SubscriptionsPerConnection { get; set; } = 200;

    /// <summary>How long clients are given to leave when the node stops.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>After this time a comment line is sent on a quiet server-sent event stream, so that proxies keep it open.</summary>
    public TimeSpan SseKeepAlive { get; set; } = TimeSpan.FromSeconds(15);
}
