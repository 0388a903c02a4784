using HubService.Streams;

namespace HubService.Redis;

/// <summary>The newest entries of one followed stream, without a hole, within a number and a weight. Its owner holds a lock around every call.</summary>
internal sealed class RecentEntries
{
    public const int MaxEntries = 512;

    private const int MaxBytes = 256 * 1024;

    /// <summary>A circle; the seqs run without a hole, so that a seq tells its place.</summary>
    private LogEntry[] _entries = [];
    private int _first;
    private int _count;

    /// <summary>The weight of the bodies.</summary>
    public long Bytes { get; private set; }

    private long Oldest => _entries[_first].Seq;

    /// <summary>True when everything after the seq, up to the newest, is here.</summary>
    public bool Reaches(long after, long newest) => after >= newest || (_count > 0 && Oldest <= after + 1);

    public void Clear()
    {
        _entries = [];
        (_first, _count) = (0, 0);
        Bytes = 0;
    }

    public void Add(IReadOnlyList<LogEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            Add(entries[i]);
        }
    }

    /// <summary>Takes in what was read from the log, as far as it joins the entries that are here, or the newest seq when none are.</summary>
    public void AddBefore(IReadOnlyList<LogEntry> page, long newest)
    {
        long oldest = _count > 0 ? Oldest : newest + 1;
        if (page.Count > 0 && page[0].Seq < oldest && page[^1].Seq >= oldest - 1)
        {
            List<LogEntry> mine = From(0, _count);
            Clear();
            Add([.. page.TakeWhile(e => e.Seq < oldest)]);
            Add(mine);
        }
    }

    /// <summary>The entries after a seq that <see cref="Reaches"/>, a page at most.</summary>
    public List<LogEntry> After(long seq, int limit)
    {
        int skipped = _count == 0 ? 0 : (int)Math.Clamp(seq + 1 - Oldest, 0, _count);
        return From(skipped, Math.Min(limit, _count - skipped));
    }

    private void Add(in LogEntry entry)
    {
        if (_count == _entries.Length)
        {
            LogEntry[] larger = new LogEntry[Math.Max(4, 2 * _count)];
            From(0, _count).CopyTo(larger);
            (_entries, _first) = (larger, 0);
        }

        _entries[(_first + _count++) % _entries.Length] = entry;
        Bytes += entry.Body.Length;
        while (_count > MaxEntries || (Bytes > MaxBytes && _count > 1))
        {
            Bytes -= _entries[_first].Body.Length;
            _entries[_first] = default;
            _first = (_first + 1) % _entries.Length;
            _count--;
        }
    }

    private List<LogEntry> From(int skipped, int count)
    {
        var entries = new List<LogEntry>(count);
        for (int i = 0; i < count; i++)
        {
            entries.Add(_entries[(_first + skipped + i) % _entries.Length]);
        }

        return entries;
    }
}
