namespace HubService.Checker.Invariants;

/// <summary>I7: the order of a stream does not contradict time.</summary>
internal sealed class LinearizableAppend() : Invariant("I7", "No event stands before one that was acknowledged before it was sent.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        // An append returns its place, so one pass from the end suffices: the earliest answer to anything behind.
        long earliest = long.MaxValue;
        string? by = null;
        foreach ((long seq, string eventId) in Kept(stream).OrderByDescending(e => e.Seq))
        {
            PubInvoke? sent = stream.Invokes[eventId].FirstOrDefault();
            if (sent is not null && sent.At > earliest)
            {
                yield return Broken(stream, seq, sent.Who, $"{eventId} was sent after {by}, which stands behind it, was acknowledged");
            }

            foreach (PubOk ok in stream.OksOf[eventId].Where(o => o.Seq == seq && o.At < earliest && stream.Branches.IsKept(o.Epoch, o.Seq)))
            {
                (earliest, by) = (ok.At, ok.EventId);
            }
        }
    }

    private static IEnumerable<(long Seq, string EventId)> Kept(StreamHistory stream) =>
        stream.Sightings().Where(s => stream.Branches.IsKept(s.At)).Select(s => (s.At.Seq, s.EventId)).Distinct();
}

/// <summary>I8: a publisher's events stand in its order.</summary>
internal sealed class PublisherOrder() : Invariant("I8", "Events that one publisher sent once each, one behind the other, have rising seqs.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        // What was sent again may have been taken either time, and says nothing about order.
        var sent =
            from attempts in stream.Invokes
            where !attempts.Skip(1).Any()
            let ok = stream.OksOf[attempts.Key].FirstOrDefault(o => !o.Duplicate)
            where ok is not null
            orderby attempts.First().At
            group ok by (ok.Who, stream.Branches.Canonical(ok.Epoch, ok.Seq).Epoch);
        foreach (var line in sent)
        {
            PubOk? before = null;
            foreach (PubOk ok in line)
            {
                if (before is not null && ok.Seq <= before.Seq)
                {
                    yield return Broken(stream, ok.Seq, ok.Who, $"{ok.EventId} was sent after {before.EventId}, which got {before.Seq}");
                }

                before = ok;
            }
        }
    }
}
