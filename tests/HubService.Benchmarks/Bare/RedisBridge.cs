using StackExchange.Redis;

namespace HubService.Benchmarks.Bare;

/// <summary>Redis as a backplane: one channel per group; what is published is pipelined, and nobody waits for an answer.</summary>
internal sealed class RedisBridge(IConnectionMultiplexer redis)
{
    private readonly ISubscriber _subscriber = redis.GetSubscriber();

    public static async Task<RedisBridge> ConnectAsync(string address) => new(await ConnectionMultiplexer.ConnectAsync(address));

    public Task PublishAsync(string group, byte[] frame) => _subscriber.PublishAsync(group, frame, CommandFlags.FireAndForget);

    /// <param name="onFrame">Called in the order of the channel.</param>
    public Task SubscribeAsync(string group, Action<byte[]> onFrame) => _subscriber.SubscribeAsync(group, (_, frame) => onFrame(frame!));

    public Task UnsubscribeAsync(string group) => _subscriber.UnsubscribeAsync(group);
}
