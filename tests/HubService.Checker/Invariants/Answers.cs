namespace HubService.Checker.Invariants;

/// <summary>I4: an answer means kept, or everybody concerned is told.</summary>
internal sealed class AckedIsKept() : Invariant("I4", "An acknowledged event is in the store at its seq; where it may be rolled back, whoever saw it was reset and its publisher was told.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        if (stream.Dump is not { } dump)
        {
            return stream.Oks.Count == 0 ? [] : [Broken(stream, null, null, "the store was not read at the end")];
        }

        Dictionary<long, Entry> kept = [];
        foreach (Entry entry in stream.Entries)
        {
            kept.TryAdd(entry.Seq, entry);
        }

        ILookup<Position, (Walk Walk, Recv Recv)> received = stream.Walks
            .SelectMany(w => w.Steps.Select(s => s.Record).OfType<Recv>().Where(r => !stream.Branches.IsKept(r.Epoch, r.Seq)).Select(r => (w, r)))
            .ToLookup(x => stream.Branches.Canonical(x.r.Epoch, x.r.Seq));
        return stream.Oks.SelectMany(ok => stream.Branches.IsKept(ok.Epoch, ok.Seq)
            ? Kept(stream, dump, ok, kept.GetValueOrDefault(ok.Seq))
            : Lost(stream, run, ok, received[stream.Branches.Canonical(ok.Epoch, ok.Seq)]));
    }

    private IEnumerable<Finding> Kept(StreamHistory stream, Dump dump, PubOk ok, Entry? entry)
    {
        if (entry is null ? ok.Seq >= dump.Lowest : !string.Equals(entry.EventId, ok.EventId, StringComparison.Ordinal))
        {
            yield return Broken(stream, ok.Seq, ok.Who, $"{ok.EventId} was acknowledged, the store holds {entry?.EventId ?? "nothing"} there");
        }
    }

    private IEnumerable<Finding> Lost(StreamHistory stream, Run run, PubOk ok, IEnumerable<(Walk Walk, Recv Recv)> received)
    {
        if (!run.Rollback)
        {
            yield return Broken(stream, ok.Seq, ok.Who, $"{ok.EventId} was acknowledged in {ok.Epoch} and rolled back");
            yield break;
        }

        bool reachable = !stream.Invokes[ok.EventId].Any(i => i.Via == "http");
        if (reachable && !stream.RolledBacks[ok.Who].Any(r => r.At > ok.At && r.LastValid < ok.Seq))
        {
            yield return Broken(stream, ok.Seq, ok.Who, $"{ok.EventId} was rolled back and its publisher not told");
        }

        foreach ((Walk walk, Recv recv) in received)
        {
            StreamRecord[] later = [.. walk.Steps.Select(s => s.Record).Where(r => r.At > recv.At)];
            bool wentOn = walk.Live || later.OfType<Recv>().Any(r => stream.Branches.IsLater(r.Epoch, stream.Branches.Canonical(ok.Epoch, ok.Seq).Epoch));
            bool askedFromBelow = later.OfType<Attach>().Any(a => a.From is null || a.FromSeq < ok.Seq);
            if (wentOn && !askedFromBelow && !later.OfType<Reset>().Any(r => r.LastValid < ok.Seq))
            {
                yield return Broken(stream, ok.Seq, walk.Who, $"{ok.EventId} was rolled back and this subscriber of it not reset");
            }
        }
    }
}

/// <summary>I5: an error says the truth about what happened.</summary>
internal sealed class FailedIsHonest() : Invariant("I5", "What was not_applied never appears; what is unknown appears at most once.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        ILookup<string, (Position At, string EventId, string? Hash, string Who)> seen = stream.Sightings().Where(s => s.Hash is not null).ToLookup(s => s.EventId);
        Dictionary<string, long> firstReceived = [];
        foreach (Recv recv in stream.Received)
        {
            firstReceived.TryAdd(recv.EventId, recv.At);
        }

        foreach (IGrouping<string, PubFail> failed in stream.Fails)
        {
            List<PubInvoke> attempts = [.. stream.Invokes[failed.Key]];
            List<PubFail> refusals = [.. failed.Where(f => f.Outcome == "not_applied")];
            bool appeared = seen[failed.Key].Any();
            if (appeared && refusals.Count >= attempts.Count)
            {
                yield return Broken(stream, seen[failed.Key].First().At.Seq, failed.First().Who, $"{failed.Key} was answered not_applied and is there");
            }
            else if (refusals.Count > 0 && attempts.Count > 1 && refusals[0].At < attempts[1].At && firstReceived.TryGetValue(failed.Key, out long at) && at < attempts[1].At)
            {
                yield return Broken(stream, null, refusals[0].Who, $"{failed.Key} was answered not_applied and came before it was sent again");
            }

            List<long> places = [.. stream.Entries.Where(_ => failed.Any(f => f.Outcome == "unknown")).Where(e => e.EventId == failed.Key).Select(e => e.Seq)];
            if (places.Count > 1)
            {
                yield return Broken(stream, places[1], failed.First().Who, $"{failed.Key}, whose outcome was unknown, is there more than once");
            }
        }
    }
}

/// <summary>I6: publishing again changes nothing.</summary>
internal sealed class Idempotent() : Invariant("I6", "An event id has one seq in a life of a stream, all answers to it agree, and only one says that it was new.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        foreach (IGrouping<string, Position> event_ in stream.Sightings().GroupBy(s => s.EventId, s => s.At))
        {
            List<Position> places = [.. event_.Distinct()];
            for (int i = 1; i < places.Count; i++)
            {
                if (places.Take(i).Any(p => TogetherInOneLife(stream.Branches, p, places[i])))
                {
                    yield return Broken(stream, places[i].Seq, null, $"{event_.Key} is at {string.Join(" and ", places)}");
                }
            }
        }

        foreach (IGrouping<(string, Position), PubOk> fresh in stream.Oks.Where(o => !o.Duplicate).GroupBy(o => (o.EventId, stream.Branches.Canonical(o.Epoch, o.Seq))).Where(g => g.Skip(1).Any()))
        {
            yield return Broken(stream, fresh.First().Seq, fresh.Last().Who, $"{fresh.Key.Item1} was acknowledged as new {fresh.Count()} times");
        }
    }

    /// <summary>What was rolled back may be published again; what stood before the fork may not.</summary>
    private static bool TogetherInOneLife(Branches branches, Position a, Position b)
    {
        if (string.Equals(a.Epoch, b.Epoch, StringComparison.Ordinal))
        {
            return true;
        }

        (Position earlier, Position later) = branches.IsLater(a.Epoch, b.Epoch) ? (b, a) : (a, b);
        return branches.Common(earlier.Epoch, later.Epoch) is { } common && later.Seq <= common;
    }
}
