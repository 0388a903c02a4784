namespace HubService.Sqlite;

/// <summary>An event to remove.</summary>
internal readonly record struct Victim(StreamState State, long Seq, long Lsn);

/// <summary>Removes events; of each stream in the order of their seqs.</summary>
internal sealed class PendingTrim(ArraySegment<Victim> victims) : PendingWrite<bool>
{
    private readonly Dictionary<StreamState, long> _last = [];

    protected override bool Result => true;

    public override void Apply(WriteConnection store)
    {
        foreach (Victim victim in victims)
        {
            store.DeleteEvent(victim.Lsn);
            _last[victim.State] = victim.Seq;
        }

        foreach ((StreamState state, long last) in _last)
        {
            store.SetFirst(state.Tail.StreamId, last + 1);
        }
    }

    public override void Committed()
    {
        foreach ((StreamState state, long last) in _last)
        {
            lock (state)
            {
                state.First = Math.Max(state.First, last + 1);
            }
        }
    }
}

/// <summary>Notes the time of the first event kept of each stream, by which later trim passes pass it over.</summary>
internal sealed class PendingFirstTimes(IReadOnlyList<(StreamState State, long Ts)> firsts) : PendingWrite<bool>
{
    protected override bool Result => true;

    public override void Apply(WriteConnection store)
    {
        foreach ((StreamState state, long ts) in firsts)
        {
            store.SetFirstTs(state.Tail.StreamId, ts);
        }
    }
}
