namespace HubService.Checker.Invariants;

/// <summary>I1: everybody sees the same event at a place.</summary>
internal sealed class Agreement() : Invariant("I1", "A seq of one life of a stream is one event, for every subscriber, every answer and the store.")
{
    protected override IEnumerable<Finding> Check(StreamHistory stream, Run run)
    {
        Dictionary<Position, (string EventId, string? Hash, string Who)> seen = [];
        foreach ((Position at, string eventId, string? hash, string who) in stream.Sightings())
        {
            if (!seen.TryGetValue(at, out var first))
            {
                seen.Add(at, (eventId, hash, who));
            }
            else if (!string.Equals(first.EventId, eventId, StringComparison.Ordinal) || (first.Hash is not null && hash is not null && !string.Equals(first.Hash, hash, StringComparison.Ordinal)))
            {
                yield return Broken(stream, at.Seq, who, $"{eventId} {hash} in {at.Epoch}, but {first.EventId} {first.Hash} for {first.Who}");
            }
            else if (first.Hash is null)
            {
                seen[at] = (eventId, hash, who);
            }
        }
    }
}
