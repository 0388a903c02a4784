using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HubService.Cluster;

/// <summary>What the nodes share under one topic, each fact read once.</summary>
internal sealed class SharedFacts<TFact>(ICluster cluster, string topic, JsonTypeInfo<TFact> type)
    where TFact : class
{
    private readonly ConcurrentDictionary<string, (ReadOnlyMemory<byte> Written, TFact Fact)> _read = new(StringComparer.Ordinal);

    /// <summary>Null shares nothing.</summary>
    public void Share(TFact? fact) => cluster.Share(topic, fact is null ? ReadOnlyMemory<byte>.Empty : JsonSerializer.SerializeToUtf8Bytes(fact, type));

    public void OnShared(Action<string> callback) => cluster.OnShared(topic, callback);

    /// <summary>What the other living nodes share, by node.</summary>
    public IReadOnlyCollection<KeyValuePair<string, TFact>> OfOthers()
    {
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> shared = cluster.SharedByOthers(topic);
        if (shared.Count == 0)
        {
            return [];
        }

        var facts = new List<KeyValuePair<string, TFact>>(shared.Count);
        foreach ((string node, ReadOnlyMemory<byte> written) in shared)
        {
            if (!_read.TryGetValue(node, out (ReadOnlyMemory<byte> Written, TFact Fact) known) || !known.Written.Equals(written))
            {
                _read[node] = known = (written, JsonSerializer.Deserialize(written.Span, type)!);
            }

            facts.Add(KeyValuePair.Create(node, known.Fact));
        }

        foreach (string gone in _read.Keys.Where(n => !shared.ContainsKey(n)))
        {
            _read.TryRemove(gone, out _);
        }

        return facts;
    }
}
