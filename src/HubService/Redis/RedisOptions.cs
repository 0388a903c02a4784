namespace HubService.Redis;

/// <summary>Bound from <c>Redis</c>; used when <c>Streams:Store</c> is <c>redis</c>.</summary>
internal sealed class RedisOptions
{
    /// <summary>Where Redis is: <c>host:port</c>, then <c>password=</c>, <c>ssl=true</c> and the like, divided by commas; with <c>serviceName=</c> the hosts are sentinels. Servers of a cluster are not supported.</summary>
    public string Connection { get; set; } = "localhost:6379";

    /// <summary>What every key and channel begins with; services that share a server have different ones.</summary>
    public string Prefix { get; set; } = "hub";

    /// <summary>How long a command may take before its caller is told that the store is not available.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a stream is remembered after its last event, with whose it is and what it amounts to; longer than every retention age.</summary>
    public TimeSpan StreamTtl { get; set; } = TimeSpan.FromDays(365);
}
