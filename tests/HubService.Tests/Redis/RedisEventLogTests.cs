using HubService.Contracts;
using HubService.Streams;
using HubService.Tests.Streams;

namespace HubService.Tests.Redis;

public sealed class RedisEventLogTests(SharedRedis redis) : EventLogSpec, IClassFixture<SharedRedis>
{
    private RedisRig? _rig;

    private protected override IEventLog Open(StreamOptions options, TimeProvider time) => _rig!.Log;

    /// <summary>The options are read at each use, so that a test may still set them.</summary>
    public override async ValueTask InitializeAsync() => _rig = await RedisRig.StartAsync(redis.Server.Connection, Ids.New(), Options, Clock);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _rig!.DisposeAsync();
    }
}

/// <summary>A server for the tests of one class; each uses a prefix of its own.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    internal RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
