namespace HubService.Checker.Invariants;

/// <summary>I11: nobody sees what nobody published.</summary>
internal sealed class NothingInvented() : Invariant("I11", "Everything seen was published before, to that stream of that tenant, with that content.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        IEnumerable<(long At, long Seq, string EventId, string Hash, string Who)> seen = stream.Received.Select(r => (r.At, r.Seq, r.EventId, r.Hash, r.Who))
            .Concat(stream.Entries.Select(e => (e.At, e.Seq, e.EventId, e.Hash, e.Who)));
        foreach ((long at, long seq, string eventId, string hash, string who) in seen)
        {
            if (!stream.Invokes[eventId].Any(i => i.At < at && string.Equals(i.Hash, hash, StringComparison.Ordinal)))
            {
                yield return Broken(stream, seq, who, $"nobody published {eventId} {hash}");
            }
        }
    }
}

/// <summary>I12: nobody sees what is another tenant's.</summary>
internal sealed class Isolation() : Invariant("I12", "What a subscriber receives was published in its own tenant.")
{
    public override IEnumerable<Finding> Check(History history)
    {
        ILookup<string, string> tenants = history.Records.OfType<PubInvoke>().Select(i => (i.EventId, i.Tenant)).Distinct().ToLookup(i => i.EventId, i => i.Tenant);
        return
            from stream in history.Streams
            from recv in stream.Received
            where tenants[recv.EventId].Any() && !tenants[recv.EventId].Contains(recv.Tenant)
            select Broken(stream, recv.Seq, recv.Who, $"{recv.EventId} belongs to {tenants[recv.EventId].First()}");
    }
}
