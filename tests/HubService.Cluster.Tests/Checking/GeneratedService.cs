using HubService.Checker;

namespace HubService.Cluster.Tests.Checking;

/// <summary>One stream of a service that keeps its promises, played out step by step; what it does is recorded.</summary>
internal sealed class GeneratedService(Random random, string tenant, string stream, Action<HistoryRecord> record)
{
    private readonly List<(string EventId, string Hash)> _log = [];
    private readonly List<Fork> _forks = [];
    private readonly List<GeneratedPublisher> _publishers = [];
    private readonly List<GeneratedSubscriber> _subscribers = [];
    private int _lives = 1;
    private long _lowest = 1;

    public string Tenant => tenant;

    public string Stream => stream;

    public string Epoch { get; private set; } = "e1";

    public long Top => _log.Count;

    public void Add(HistoryRecord happened) => record(happened);

    public void Join(string who) => _publishers.Add(new GeneratedPublisher(random, this, who));

    public void Follow(string who) => _subscribers.Add(new GeneratedSubscriber(random, this, who));

    public void Step()
    {
        switch (random.Next(60))
        {
            case 0 when Top > 10:
                Failover(Math.Max(_lowest, Top - random.Next(10)));
                break;
            case 1:
                Failover(Top);
                break;
            case 2 when Top - _lowest > 20:
                _lowest += random.Next(1, 20);
                break;
            case < 30:
                _publishers[random.Next(_publishers.Count)].Step();
                break;
            default:
                _subscribers[random.Next(_subscribers.Count)].Step();
                break;
        }
    }

    /// <summary>Everything under way comes to its end, and the store is read.</summary>
    public void Finish(long now)
    {
        _publishers.ForEach(p => p.Finish());
        _subscribers.ForEach(s => s.Finish());
        Add(new Dump("dump", tenant, stream, Epoch, _lowest, Top, now, [.. _forks]));
        for (long seq = _lowest; seq <= Top; seq++)
        {
            Add(new Entry("dump", tenant, stream, seq, At(seq).EventId, At(seq).Hash, now - (Top - seq)));
        }
    }

    public (string EventId, string Hash) At(long seq) => _log[(int)seq - 1];

    public long Lowest => _lowest;

    /// <summary>The seq of an event, and whether it was there before.</summary>
    public (long Seq, bool Duplicate) Append(string eventId, string hash)
    {
        int found = _log.FindIndex(e => e.EventId == eventId);
        if (found >= 0)
        {
            return (found + 1, true);
        }

        _log.Add((eventId, hash));
        return (Top, false);
    }

    /// <summary>The last seq of an earlier epoch that still holds.</summary>
    public long Held(string epoch)
    {
        int i = _forks.FindIndex(f => f.Epoch == epoch);
        return i < 0 ? long.MaxValue : _forks[i..].Min(f => f.Base);
    }

    private void Failover(long kept)
    {
        _log.RemoveRange((int)kept, (int)(Top - kept));
        _forks.Add(new Fork(Epoch, kept));
        Epoch = $"e{++_lives}";
        _publishers.ForEach(p => p.FailOver(kept));
    }
}
