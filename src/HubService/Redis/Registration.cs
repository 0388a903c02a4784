using System.Globalization;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>What a beat learnt.</summary>
/// <param name="Now">Redis' clock in ms.</param>
/// <param name="IsHeard">Somebody, who can only be this node, listens to its channel.</param>
/// <param name="FactsKept">What the node shares is there.</param>
/// <param name="Nodes">Those that were not silent for too long, this one included.</param>
internal sealed record BeatAnswer(long Now, bool IsHeard, bool FactsKept, IReadOnlyList<NodeBeat> Nodes);

/// <summary>This node's entry among the nodes in Redis, and what stands there of the others.</summary>
internal sealed class Registration(string self, IRedisLink link, ClusterKeys keys, TimeSpan silence)
{
    /// <param name="state"><c>works</c>, <c>left</c> or <c>gone</c>.</param>
    /// <param name="version">Of the facts.</param>
    /// <param name="facts">Null: they are the same as before.</param>
    /// <param name="clear">Take out who was silent for too long.</param>
    /// <param name="announce">Let the others look at once.</param>
    public async Task<BeatAnswer> BeatAsync(string state, long version, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? facts, bool clear, bool announce)
    {
        List<RedisValue> values = [self, state, version, (long)silence.TotalMilliseconds, clear ? 1 : 0, keys.Channel(self), announce ? keys.Changes : "", facts is null ? 0 : 1];
        foreach ((string topic, ReadOnlyMemory<byte> fact) in facts ?? new Dictionary<string, ReadOnlyMemory<byte>>())
        {
            values.Add(topic);
            values.Add(fact.ToArray());
        }

        var answer = (string[])(await ClusterScript.RunAsync(RedisScript.Beat, link.Database, [keys.Nodes, keys.Facts(self)], [.. values]))!;
        List<NodeBeat> nodes = [];
        for (int i = 3; i + 3 < answer.Length; i += 4)
        {
            nodes.Add(new NodeBeat(answer[i], Number(answer[i + 1]), answer[i + 2] == "works", Number(answer[i + 3])));
        }

        return new BeatAnswer(Number(answer[0]), answer[1] != "0", answer[2] == "1", nodes);
    }

    /// <summary>What another node shares, by topic.</summary>
    public async Task<IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>>> FactsAsync(string node) =>
        [.. (await link.Database.HashGetAllAsync(keys.Facts(node))).Select(f => KeyValuePair.Create((string)f.Name!, (ReadOnlyMemory<byte>)(byte[])f.Value!))];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
