using HubService.Streams;

namespace HubService.Redis;

/// <summary>The newest entries of one followed stream, without a hole, within a number and a weight. Its owner holds a lock around every call.</summary>
internal sealed class RecentEntries
{
    public const int MaxEntries = 512;

    private const int MaxBytes = 256 * 1024;

    private readonly Queue<LogEntry> _entries = new();

    /// <summary>The weight of the bodies.</summary>
    public long Bytes { get; private set; }

    /// <summary>True when everything after the seq, up to the newest, is here.</summary>
    public bool Reaches(long after, long newest) => after >= newest || (_entries.TryPeek(out LogEntry oldest) && oldest.Seq <= after + 1);

    public void Clear()
    {
        _entries.Clear();
        Bytes = 0;
    }

    public void Add(IEnumerable<LogEntry> entries)
    {
        foreach (LogEntry entry in entries)
        {
            _entries.Enqueue(entry);
            Bytes += entry.Body.Length;
        }

        while (_entries.Count > MaxEntries || (Bytes > MaxBytes && _entries.Count > 1))
        {
            Bytes -= _entries.Dequeue().Body.Length;
        }
    }

    /// <summary>Takes in what was read from the log, as far as it joins the entries that are here, or the newest seq when none are.</summary>
    public void AddBefore(IReadOnlyList<LogEntry> page, long newest)
    {
        long oldest = _entries.TryPeek(out LogEntry first) ? first.Seq : newest + 1;
        if (page.Count > 0 && page[0].Seq < oldest && page[^1].Seq >= oldest - 1)
        {
            LogEntry[] mine = [.. _entries];
            Clear();
            Add(page.TakeWhile(e => e.Seq < oldest));
            Add(mine);
        }
    }

    /// <summary>The entries after a seq that <see cref="Reaches"/>, a page at most.</summary>
    public List<LogEntry> After(long seq, int limit)
    {
        var page = new List<LogEntry>(Math.Min(limit, _entries.Count));
        foreach (LogEntry entry in _entries)
        {
            if (entry.Seq > seq && page.Count < limit)
            {
                page.Add(entry);
            }
        }

        return page;
    }
}
