using System.Globalization;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Numbers that a Redis knows of itself.</summary>
internal static class RedisFigures
{
    /// <summary>How often a command was called, by clients or scripts.</summary>
    public static async Task<long> CallsAsync(RedisServer redis, string command) => Number(await redis.CommandAsync("INFO", "commandstats"), $"cmdstat_{command}:calls=");

    public static async Task<long> MemoryAsync(RedisServer redis) => Number(await redis.CommandAsync("INFO", "memory"), "used_memory:");

    public static async Task<long> KeysAsync(RedisServer redis) => long.Parse(await redis.CommandAsync("DBSIZE"), CultureInfo.InvariantCulture);

    /// <summary>Streams of which a projection is saved, as a node does when it lets one go.</summary>
    public static async Task<int> SnapshotsAsync(RedisServer redis) => (await redis.CommandAsync("KEYS", "*:s")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>Channels that somebody subscribes to.</summary>
    public static async Task<int> ChannelsAsync(RedisServer redis) => (await redis.CommandAsync("PUBSUB", "CHANNELS")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static long Number(string info, string name)
    {
        string? line = info.Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(string.Concat(line.Skip(name.Length).TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture);
    }
}
