namespace HubService.Streams;

/// <summary>The event ids of one stream that a retry would still be recognised by. Not thread-safe: the stream's lock guards it.</summary>
internal sealed class RecentIds(TimeSpan window)
{
    private readonly long _windowMs = (long)window.TotalMilliseconds;
    private readonly Dictionary<string, (long Seq, long At)> _byId = [];
    private readonly Queue<(string Id, long At)> _oldestFirst = new();

    /// <summary>The seq the id was appended with, or null when it never was or the window has passed.</summary>
    public long? Find(string id, long now)
    {
        Prune(now);
        return _byId.TryGetValue(id, out (long Seq, long At) found) ? found.Seq : null;
    }

    /// <summary>The seq held for the id, 0 when none; looks at no clock.</summary>
    public long SeqOf(string id) => _byId.TryGetValue(id, out (long Seq, long At) found) ? found.Seq : 0;

    /// <summary>Ids must come in the order of their appends.</summary>
    public void Add(string id, long seq, long at)
    {
        _byId[id] = (seq, at);
        _oldestFirst.Enqueue((id, at));
    }

    /// <summary>Takes back an id whose append did not come to pass. Its place in the queue runs out by itself.</summary>
    public void Remove(string id) => _byId.Remove(id);

    private void Prune(long now)
    {
        while (_oldestFirst.TryPeek(out (string Id, long At) oldest) && now - oldest.At > _windowMs)
        {
            _oldestFirst.Dequeue();
            if (_byId.TryGetValue(oldest.Id, out (long Seq, long At) held) && held.At == oldest.At)
            {
                _byId.Remove(oldest.Id);
            }
        }
    }
}
