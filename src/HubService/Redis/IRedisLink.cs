using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>The connections to Redis, which may be others from one moment to the next: never keep what a property gives.</summary>
internal interface IRedisLink
{
    IDatabase Database { get; }

    ISubscriber Subscriber { get; }

    /// <summary>Calls back after connections were made anew or came back by themselves: what was published in between is missed, and what was subscribed on the old ones must be subscribed again.</summary>
    void OnReconnected(Action callback);
}
