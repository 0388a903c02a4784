using System.Collections.Concurrent;

namespace HubService.Streams;

/// <summary>Who follows which stream on this node, for logs that live in this process.</summary>
internal sealed class Followers
{
    private readonly ConcurrentDictionary<StreamKey, Action<LogBatch>[]> _byStream = new();

    public void Add(StreamKey stream, Action<LogBatch> follower) =>
        _byStream.AddOrUpdate(stream, static (_, f) => [f], static (_, all, f) => [.. all, f], follower);

    public void Remove(StreamKey stream, Action<LogBatch> follower)
    {
        while (_byStream.TryGetValue(stream, out Action<LogBatch>[]? all))
        {
            Action<LogBatch>[] rest = Array.FindAll(all, f => f != follower);
            if (rest.Length == 0
                ? _byStream.TryRemove(new KeyValuePair<StreamKey, Action<LogBatch>[]>(stream, all))
                : _byStream.TryUpdate(stream, rest, all))
            {
                return;
            }
        }
    }

    /// <summary>Who follows the stream now; never changed, only replaced.</summary>
    public Action<LogBatch>[] Of(StreamKey stream) => _byStream.GetValueOrDefault(stream, []);

    public void Hand(LogBatch batch) => Array.ForEach(Of(batch.Stream), follower => follower(batch));
}
