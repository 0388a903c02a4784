using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>The connection to Redis. It may be replaced at any time, so take what it gives afresh for every use.</summary>
internal interface IRedisLink
{
    IDatabase Database { get; }

    ISubscriber Subscriber { get; }

    /// <summary>Calls back after the connection was replaced or made again; subscriptions have to be made again then. The callback must not block or throw.</summary>
    void OnReconnected(Action callback);
}
