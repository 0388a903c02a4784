using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>Removes the events that retention hides, a snapshot covers and no retry needs any more.</summary>
internal sealed class Trimmer(StreamStates streams, ReaderPool readers, LogWriter writer, StreamOptions options) : IDisposable
{
    /// <summary>Removed in one transaction; keeps the writer for a millisecond or two.</summary>
    private const int ChunkSize = 1_000;

    /// <summary>Collected before they are removed in the order of their lsns, so that neighbours on a page go together.</summary>
    private const int MostAtOnce = 200_000;

    private readonly SemaphoreSlim _onePass = new(1);

    public async ValueTask<int> TrimOnceAsync(CancellationToken cancellationToken)
    {
        await _onePass.WaitAsync(cancellationToken);
        try
        {
            streams.Sweep();
            var flush = new PendingFlush();
            writer.Enqueue(flush);

            // Never above it: a restart finds the heads of streams from the events above.
            long flushedUpTo = await flush.Task;
            int removed = 0;
            var pass = new Pass();
            foreach ((StreamKey key, long covered) in readers.Read(c => c.Trimmable(options, streams.Now)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                StreamState state = streams.Pin(key);
                pass.Pinned.Add(state);
                long lowest = readers.Read(c => Lowest.Of(c, state, options.Of(key.Kind), streams.Now));
                readers.Read(c => pass.Collect(c, state, Math.Min(lowest - 1, covered), flushedUpTo, streams.Now - (long)options.IdempotencyWindow.TotalMilliseconds));
                if (pass.Victims.Count >= MostAtOnce)
                {
                    removed += await RemoveAsync(pass, cancellationToken);
                    pass = new Pass();
                }
            }

            return removed + await RemoveAsync(pass, cancellationToken);
        }
        finally
        {
            _onePass.Release();
        }
    }

    public void Dispose() => _onePass.Dispose();

    private async Task<int> RemoveAsync(Pass pass, CancellationToken cancellationToken)
    {
        try
        {
            Victim[] victims = [.. pass.Victims];
            Array.Sort(victims, static (a, b) => a.Lsn.CompareTo(b.Lsn));
            for (int i = 0; i < victims.Length; i += ChunkSize)
            {
                // One at a time: appends go in between.
                cancellationToken.ThrowIfCancellationRequested();
                var chunk = new PendingTrim(new ArraySegment<Victim>(victims, i, Math.Min(ChunkSize, victims.Length - i)));
                writer.Enqueue(chunk);
                await chunk.Task;
            }

            if (pass.Firsts.Count > 0)
            {
                var firsts = new PendingFirstTimes(pass.Firsts);
                writer.Enqueue(firsts);
                await firsts.Task;
            }

            return victims.Length;
        }
        finally
        {
            pass.Pinned.ForEach(s => s.Unpin());
        }
    }

    /// <summary>What part of a pass found to do.</summary>
    private sealed class Pass
    {
        private const int WalkAtOnce = 10_000;

        public List<StreamState> Pinned { get; } = [];

        public List<Victim> Victims { get; } = [];

        public List<(StreamState State, long Ts)> Firsts { get; } = [];

        /// <summary>Only ever the first events of a stream without a hole: the first one that must stay protects the rest.</summary>
        public int Collect(ReadConnection store, StreamState state, long last, long lastLsn, long oldestRetry)
        {
            Tail tail;
            long from;
            lock (state)
            {
                (tail, from) = (state.Tail, state.First);
            }

            long firstTs = 0;
            while (from <= last && firstTs == 0)
            {
                List<Place> places = store.Places(tail, from, Math.Min(last, from + WalkAtOnce - 1));
                foreach (Place place in places)
                {
                    if (place.Lsn > lastLsn || (place.Idempotent && place.At >= oldestRetry))
                    {
                        firstTs = place.Ts;
                        break;
                    }

                    Victims.Add(new Victim(state, place.Seq, place.Lsn));
                }

                from += WalkAtOnce;
            }

            if (firstTs == 0)
            {
                firstTs = store.Places(tail, last + 1, last + 1) is [Place next] ? next.Ts : 0;
            }

            Firsts.Add((state, firstTs));
            return Victims.Count;
        }
    }
}
