using HubService.Cluster;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>
/// One hash per number, with each node's own share as it is, so that no sum can drift: the share of a node that is gone counts
/// no more, and what a restarted Redis lost is said again with the next pass.
/// </summary>
internal sealed class RedisCounts(IRedisLink link, ClusterKeys keys, ICluster cluster, TimeProvider time) : BackgroundService, ISharedCounts
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _own = new(StringComparer.Ordinal);

    public async Task<long?> SetAsync(string name, int own) =>
        await SayAsync(name, () => _own[name] = own) is { } shares ? shares.Where(s => IsThere(s.Name)).Sum(s => (long)s.Value) : null;

    /// <summary>Says every share again and takes out those of nodes that are gone; returns how many it took out.</summary>
    public async Task<int> RefreshOnceAsync()
    {
        int removed = 0;
        foreach (string name in Names())
        {
            RedisValue[] gone = [.. (await SayAsync(name) ?? []).Where(s => !IsThere(s.Name)).Select(s => s.Name)];
            if (gone.Length > 0)
            {
                removed += gone.Length;
                await RemoveAsync(name, gone);
            }
        }

        return removed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Again, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RefreshOnceAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    /// <summary>A node that left still has its connections, but they are about to end.</summary>
    private bool IsThere(RedisValue node) => node == cluster.Self || cluster.Nodes.Contains((string)node!);

    private string[] Names()
    {
        lock (_gate)
        {
            return [.. _own.Keys];
        }
    }

    /// <summary>Says this node's share as it is, perhaps after a change; null when Redis did not answer soon.</summary>
    private async Task<HashEntry[]?> SayAsync(string name, Action? change = null)
    {
        try
        {
            var answer = (RedisValue[])(await SendAsync(name, change).WaitAsync(Patience, time))!;
            lock (_gate)
            {
                // Only now: a share of nothing that was not heard is said again with the next pass.
                if (_own.GetValueOrDefault(name) == 0)
                {
                    _own.Remove(name);
                }
            }

            return [.. answer.Chunk(2).Select(pair => new HashEntry(pair[0], pair[1]))];
        }
        catch (Exception e) when (RedisFailure.IsTransient(e))
        {
            return null;
        }
    }

    private Task<RedisResult> SendAsync(string name, Action? change)
    {
        // Read and sent as one, so that an older share never overtakes a newer one.
        lock (_gate)
        {
            change?.Invoke();
            return ClusterScript.RunAsync(RedisScript.Count, link.Database, [keys.Shares(name)], cluster.Self, _own.GetValueOrDefault(name), (long)Kept.TotalMilliseconds);
        }
    }

    private async Task RemoveAsync(string name, RedisValue[] nodes)
    {
        try
        {
            await link.Database.HashDeleteAsync(keys.Shares(name), nodes).WaitAsync(Patience, time);
        }
        catch (Exception e) when (RedisFailure.IsTransient(e))
        {
            // The next pass tries again.
        }
    }
}
