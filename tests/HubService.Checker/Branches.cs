namespace HubService.Checker;

/// <summary>The lives of a stream, from the first epoch to the last, and where each parted from the one before.</summary>
internal sealed class Branches
{
    private readonly List<string> _epochs = [];
    private readonly List<long> _bases = [];
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    public Branches(Dump? dump)
    {
        foreach (Fork fork in dump?.Forks ?? [])
        {
            Add(fork.Epoch, fork.Base);
        }

        Add(dump?.Epoch ?? "", long.MaxValue);
    }

    /// <summary>The epoch of the store at the end.</summary>
    public string Last => _epochs[^1];

    /// <summary>The epochs that stand twice in the line.</summary>
    public List<string> Repeated { get; } = [];

    public IEnumerable<Fork> Forks => _epochs.Zip(_bases, (epoch, last) => new Fork(epoch, last)).SkipLast(1);

    public bool Knows(string epoch) => _index.ContainsKey(epoch);

    public bool IsLater(string epoch, string than) => _index.TryGetValue(epoch, out int a) && _index.TryGetValue(than, out int b) && a > b;

    /// <summary>The last seq that two epochs have in common; null when the second does not come of the first.</summary>
    public long? Common(string earlier, string later)
    {
        if (earlier.Length == 0 || string.Equals(earlier, later, StringComparison.Ordinal))
        {
            return long.MaxValue;
        }

        if (!_index.TryGetValue(earlier, out int from) || !_index.TryGetValue(later, out int to) || from > to)
        {
            return null;
        }

        return _bases[from..to].Min();
    }

    /// <summary>The same event has one name, whatever epoch it was seen under: that of the last life that holds it.</summary>
    public Position Canonical(string epoch, long seq)
    {
        if (!_index.TryGetValue(epoch, out int i))
        {
            return new Position(epoch, seq);
        }

        while (i < _epochs.Count - 1 && seq <= _bases[i])
        {
            i++;
        }

        return new Position(_epochs[i], seq);
    }

    public bool IsKept(string epoch, long seq) => IsKept(Canonical(epoch, seq));

    public bool IsKept(Position canonical) => string.Equals(canonical.Epoch, Last, StringComparison.Ordinal);

    private void Add(string epoch, long last)
    {
        if (!_index.TryAdd(epoch, _epochs.Count))
        {
            Repeated.Add(epoch);
        }

        _epochs.Add(epoch);
        _bases.Add(last);
    }
}
