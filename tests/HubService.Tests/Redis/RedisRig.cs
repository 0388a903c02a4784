using System.Diagnostics.Metrics;
using HubService.Cluster;
using HubService.Redis;
using HubService.Streams;
using HubService.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Redis;

/// <summary>One node's log on a real server, with its connections and, when asked for, its passes.</summary>
internal sealed class RedisRig : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private RedisRig(RedisLink link, RedisEventLog log)
    {
        Link = link;
        Log = log;
    }

    public RedisLink Link { get; }

    public RedisEventLog Log { get; }

    private static IMeterFactory Meters { get; } = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    public static async Task<RedisRig> StartAsync(string connection, string prefix = "hub", StreamOptions? options = null, TimeProvider? clock = null, bool passes = false, TimeSpan? timeout = null)
    {
        IOptions<RedisOptions> redis = Options.Create(new RedisOptions { Connection = connection, Prefix = prefix });
        redis.Value.CommandTimeout = timeout ?? redis.Value.CommandTimeout;
        var link = new RedisLink(redis, new NodeName("test"), TimeProvider.System, NullLogger<RedisLink>.Instance);
        await link.StartAsync(CancellationToken.None);
        var log = new RedisEventLog(link, new RedisCommands(link, redis, TimeProvider.System), redis, Options.Create(options ?? new StreamOptions()), clock ?? TimeProvider.System, new HubMetrics(Meters));
        var rig = new RedisRig(link, log);
        if (passes)
        {
            await new RedisPasses(log, link, NullLogger<RedisPasses>.Instance).StartAsync(rig._stop.Token);
        }

        return rig;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Link.DisposeAsync();
        _stop.Dispose();
    }
}
