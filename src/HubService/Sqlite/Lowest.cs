using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>Finds the first event of a stream that retention still shows.</summary>
internal static class Lowest
{
    public static long Of(ReadConnection store, StreamState state, Retention retention, long now)
    {
        Tail tail;
        long lowest;
        lock (state)
        {
            (tail, lowest) = (state.Tail, Math.Max(state.Lowest, state.First));
        }

        return Of(store, state, tail, lowest, retention, now);
    }

    /// <param name="lowest">The lowest seq known from before.</param>
    public static long Of(ReadConnection store, StreamState state, in Tail tail, long lowest, Retention retention, long now)
    {
        lowest = Math.Max(lowest, tail.Seq - retention.Events + 1);
        if (lowest <= tail.Seq)
        {
            lowest = store.FirstYoung(tail, lowest, now - (long)retention.Age.TotalMilliseconds);
        }

        lock (state)
        {
            // Once lost stays lost, whatever the clock does.
            return state.Lowest = Math.Max(state.Lowest, lowest);
        }
    }
}
