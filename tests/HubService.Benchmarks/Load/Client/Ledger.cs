namespace HubService.Benchmarks.Load.Client;

/// <summary>Holds what each member received against what was published: every event once, in order, without a hole.</summary>
internal sealed class Ledger(int members)
{
    private readonly long[] _last = new long[members];
    private long _delivered;

    /// <summary>Events that were passed over when a newer one came.</summary>
    public long Gaps { get; private set; }

    /// <summary>Events that were not newer than the one before: again, or out of order.</summary>
    public long Duplicates { get; private set; }

    /// <summary>May be read by another thread.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <param name="number">The event's, within the member's group, from 1 on.</param>
    public void Take(int member, long number)
    {
        if (number <= _last[member])
        {
            Duplicates++;
            return;
        }

        Gaps += number - _last[member] - 1;
        _last[member] = number;
        Volatile.Write(ref _delivered, _delivered + 1);
    }

    /// <summary>What was published and has not arrived.</summary>
    /// <param name="first">Members before it are not expected to have anything.</param>
    /// <param name="published">The number of the last event that a member should get.</param>
    public long Missing(int first, Func<int, long> published)
    {
        long missing = Gaps;
        for (int member = first; member < _last.Length; member++)
        {
            missing += published(member) - _last[member];
        }

        return missing;
    }
}
