using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>
/// What is known in memory of one open stream; its own lock. Only the writer's thread changes <see cref="Next"/> and
/// <see cref="Tail"/>, so that it may read them without the lock.
/// </summary>
internal sealed class StreamState(StreamKey key, TimeSpan window)
{
    private readonly Queue<PendingAppend> _committed = new();
    private bool _handing;

    public StreamKey Key { get; } = key;

    /// <summary>True when the tail was read from the store.</summary>
    public bool Loaded { get; set; }

    /// <summary>True when the ids were read too; needed before the first append.</summary>
    public bool Appendable { get; set; }

    /// <summary>True when this object has been let go of, and a new one must be asked for.</summary>
    public bool Evicted { get; set; }

    /// <summary>How many operations rely on this object staying the stream's only one.</summary>
    public int Pins { get; set; }

    public long LastUsed { get; set; }

    /// <summary>True while the store's row of the stream is behind <see cref="Tail"/>.</summary>
    public bool Dirty { get; set; }

    /// <summary>The committed end.</summary>
    public Tail Tail { get; set; } = Tail.Nothing;

    /// <summary>The end if the transaction under way commits.</summary>
    public Tail Next { get; set; } = Tail.Nothing;

    /// <summary>The first seq the store still has.</summary>
    public long First { get; set; } = 1;

    /// <summary>The first readable seq as last computed; only grows.</summary>
    public long Lowest { get; set; } = 1;

    public RecentIds Ids { get; } = new(window);

    /// <summary>Who follows the stream, as <see cref="Followers"/> has it: at hand, without a look-up for each append.</summary>
    public Action<LogBatch>[] Followers { get; set; } = [];

    /// <summary>Takes its place in the stream's order of hand-outs. The lock must be held, and the tail just be set.</summary>
    public void CommittedUnsynchronized(PendingAppend append) => _committed.Enqueue(append);

    public bool IdleUnsynchronized => Pins == 0 && !Dirty && !_handing && _committed.Count == 0;

    /// <summary>Hands committed batches out in their order. One thread at a time does it for all; another one that comes has nothing to do.</summary>
    public void HandOut(Completions completions, Action<Exception> report)
    {
        lock (this)
        {
            if (_handing)
            {
                return;
            }

            _handing = true;
        }

        while (true)
        {
            PendingAppend? append;
            Action<LogBatch>[] followers;
            lock (this)
            {
                if (!_committed.TryDequeue(out append))
                {
                    _handing = false;
                    return;
                }

                followers = Followers;
            }

            try
            {
                if (append.Batch is { } batch)
                {
                    foreach (Action<LogBatch> follower in followers)
                    {
                        follower(batch);
                    }
                }
            }
            catch (Exception e)
            {
                report(e);
            }

            completions.Add(append);
        }
    }

    public void Unpin()
    {
        lock (this)
        {
            Pins--;
        }
    }
}
