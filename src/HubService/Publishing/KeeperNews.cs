using System.Text.Json;
using HubService.Cluster;
using HubService.Streams;

namespace HubService.Publishing;

/// <summary>
/// Tells the keeper of a stream what another node appended to it. What the projection sees is told at once; the rest only shows
/// that the publisher lives, and is told once a second.
/// </summary>
internal sealed class KeeperNews(ICluster cluster, Keepers keepers, TimeProvider time)
{
    private const int MaxSigns = 4_096;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(StreamKey Stream, KeptEvent Sign), long> _signs = [];

    public void Tell(string topic, StreamKey stream, IReadOnlyList<EventDraft> kept, Func<string, bool> affects, Func<EventDraft, string?> runOf)
    {
        List<KeptEvent> told = [];
        foreach (EventDraft draft in kept)
        {
            var e = new KeptEvent(draft.Type, runOf(draft), draft.ConnectionId);
            if (affects(draft.Type) || IsDue(stream, e))
            {
                told.Add(e);
            }
        }

        if (told.Count > 0)
        {
            cluster.Tell(keepers.KeeperOf(stream), topic, JsonSerializer.SerializeToUtf8Bytes(new KeptDigest(stream, told), PublishingNodesJson.Default.KeptDigest));
        }
    }

    private bool IsDue(StreamKey stream, KeptEvent sign)
    {
        long now = time.GetTimestamp();
        lock (_gate)
        {
            if (_signs.TryGetValue((stream, sign), out long told) && time.GetElapsedTime(told, now) < Pause)
            {
                return false;
            }

            if (_signs.Count >= MaxSigns)
            {
                foreach ((StreamKey, KeptEvent) old in _signs.Where(s => time.GetElapsedTime(s.Value, now) >= Pause).Select(s => s.Key).ToList())
                {
                    _signs.Remove(old);
                }
            }

            _signs[(stream, sign)] = now;
            return true;
        }
    }
}
