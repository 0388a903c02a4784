namespace HubService.Checker.Invariants;

/// <summary>I2: nothing is missing without a word.</summary>
internal sealed class NoGap() : Invariant("I2", "After event n comes n + 1, unless history_lost or reset says otherwise; the store has no hole.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run) =>
        stream.Walks.SelectMany(w => w.Steps.Select(s => Fault(s) is { } fault ? Broken(stream, fault.Seq, w.Who, fault.What) : null)).OfType<Finding>().Concat(Holes(stream));

    private static (long Seq, string What)? Fault(Step step) => step.Record switch
    {
        Recv r when step.Untold => (r.Seq, "the answer said that something was missed, and this came before a word about what"),
        Recv r when step.Before is { } p && r.Seq > p.Seq + 1 => (r.Seq, $"came after {p}"),
        HistoryLost h when h.To < h.From || (step.Before is { } p && h.From != p.Seq + 1) => (h.From, $"history_lost {h.From}..{h.To} after {step.Before}"),
        Attached a when step.FirstLive is { } first && first != a.Top + 1 => (first, $"came first after subscribing at {a.Top}"),
        Attach { From: { } from } when step.Before is { } p && IsAhead(from, p) => (from.Seq, $"resumes from {from}, having reached {p}"),
        _ => null,
    };

    private static bool IsAhead(Position from, Position reached) =>
        from.Seq > reached.Seq || (from.Epoch.Length > 0 && reached.Epoch.Length > 0 && !string.Equals(from.Epoch, reached.Epoch, StringComparison.Ordinal));

    private IEnumerable<Finding> Holes(StreamHistory stream)
    {
        if (stream.Dump is not { } dump)
        {
            yield break;
        }

        long expected = dump.Lowest;
        foreach (Entry entry in stream.Entries)
        {
            if (entry.Seq != expected)
            {
                yield return Broken(stream, entry.Seq, null, $"the store holds {entry.Seq} where {expected} should be");
            }

            expected = entry.Seq + 1;
        }

        if (expected != dump.Top + 1)
        {
            yield return Broken(stream, expected, null, $"the store ends before its top, {dump.Top}");
        }
    }
}

/// <summary>I3: nothing comes twice.</summary>
internal sealed class NoDuplicate() : Invariant("I3", "A seq never repeats or falls, unless the subscriber asked again from an older position or was reset.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run) =>
        from walk in stream.Walks
        from step in walk.Steps
        where step is { Record: Recv, Before: not null } && ((Recv)step.Record).Seq <= step.Before.Value.Seq
        select Broken(stream, ((Recv)step.Record).Seq, walk.Who, $"came again, after {step.Before}");
}
