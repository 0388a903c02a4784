using System.Globalization;
using System.Text.RegularExpressions;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Rig;

/// <summary>The connections of nodes to Redis, by what they are for.</summary>
internal static partial class RedisLinks
{
    /// <summary>Cuts the subscriber connections that run over this link; those for commands stay.</summary>
    public static async Task CutSubscribersAsync(TcpProxy link, RedisServer redis)
    {
        foreach (Match client in Address().Matches(await redis.CommandAsync("CLIENT", "LIST", "TYPE", "pubsub")))
        {
            link.Cut(int.Parse(client.Groups["port"].ValueSpan, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex(@"\baddr=127\.0\.0\.1:(?<port>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();
}
