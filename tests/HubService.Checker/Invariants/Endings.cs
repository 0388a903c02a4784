namespace HubService.Checker.Invariants;

/// <summary>I13: in the end everybody has everything.</summary>
internal sealed class Completeness() : Invariant("I13", "When the faults are over every live subscriber stands at the top of the store.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        foreach (Walk walk in stream.Walks.Where(w => w.Live))
        {
            if (stream.Dump is not { } dump)
            {
                yield return Broken(stream, null, walk.Who, "the store was not read at the end");
            }
            else if (walk.End is not { } end || end.Seq != dump.Top || !(stream.Branches.Common(end.Epoch, dump.Epoch) >= end.Seq))
            {
                yield return Broken(stream, dump.Top, walk.Who, $"stands at {walk.End} where the store ends at {dump.Epoch}:{dump.Top}");
            }
        }
    }
}

/// <summary>I14: the store keeps what it was told to keep, not more.</summary>
internal sealed class Retention() : Invariant("I14", "The store holds no more events than it may (and one node of its tree), and none that is older.")
{
    private const int TreeNode = 100;
    private const long GraceMs = 1000;

    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        if (run.MaxEvents > 0 && stream.Entries.Count > run.MaxEvents + TreeNode)
        {
            yield return Broken(stream, null, null, $"{stream.Entries.Count} events are kept where {run.MaxEvents} may be");
        }

        if (run.MaxAgeMs > 0 && stream.Dump is { } dump && stream.Entries.FirstOrDefault(e => dump.Now - e.Ts > run.MaxAgeMs + GraceMs) is { } old)
        {
            yield return Broken(stream, old.Seq, null, $"is {dump.Now - old.Ts} ms old where {run.MaxAgeMs} ms may be");
        }
    }
}
