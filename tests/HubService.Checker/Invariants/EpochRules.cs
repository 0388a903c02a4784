namespace HubService.Checker.Invariants;

/// <summary>I10: one life of a stream follows the other, and nobody crosses a fork unawares.</summary>
internal sealed class EpochRules() : Invariant(
    "I10",
    "An epoch never returns; a new one begins within the old; a subscriber crosses to it by the next seq if what it holds stayed, else by a reset.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        foreach (string epoch in stream.Branches.Repeated)
        {
            yield return Broken(stream, null, null, $"{epoch} came back in the store");
        }

        foreach (Fork fork in stream.Branches.Forks.Where(f => stream.Dump is { } dump && f.Base > dump.Top))
        {
            yield return Broken(stream, fork.Base, null, $"{fork.Epoch} is said to be kept up to {fork.Base}, beyond the top");
        }

        foreach (Walk walk in stream.Walks)
        {
            HashSet<string> left = [];
            string current = "";
            foreach (Step step in walk.Steps)
            {
                if (Fault(stream, step) is { } fault)
                {
                    yield return Broken(stream, fault.Seq, walk.Who, fault.What);
                }

                string epoch = EpochOf(step.Record);
                if (epoch.Length == 0 || string.Equals(epoch, current, StringComparison.Ordinal))
                {
                    continue;
                }

                if (left.Contains(epoch))
                {
                    yield return Broken(stream, null, walk.Who, $"{epoch} came back after {current}");
                }

                left.Add(current);
                current = epoch;
            }
        }
    }

    private static string EpochOf(StreamRecord record) => record switch
    {
        Recv r => r.Epoch,
        Reset r => r.Epoch,
        Attached a => a.Epoch,
        _ => "",
    };

    private static (long Seq, string What)? Fault(StreamHistory stream, Step step)
    {
        Branches branches = stream.Branches;
        return (step.Record, step.Before) switch
        {
            (Recv r, { Epoch.Length: > 0 } p) when !string.Equals(r.Epoch, p.Epoch, StringComparison.Ordinal) && !(r.Seq == p.Seq + 1 && branches.Common(p.Epoch, r.Epoch) >= p.Seq) =>
                (r.Seq, $"came in {r.Epoch} after {p} without a reset"),
            (Reset { Epoch.Length: > 0 } r, { } p) when r.LastValid > p.Seq || branches.Common(p.Epoch, r.Epoch) is not { } common || r.LastValid > common =>
                (r.LastValid, $"is said in {r.Epoch} to be the last valid after {p}"),
            (Attached { Recovered: true } a, _) when step.Attach?.From is { } from && !(branches.Common(from.Epoch, a.Epoch) >= from.Seq) =>
                (from.Seq, $"was said to be recovered in {a.Epoch} from {from}"),
            _ => null,
        };
    }
}
