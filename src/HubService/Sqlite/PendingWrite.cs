using HubService.Streams;

namespace HubService.Sqlite;

/// <summary>
/// Something queued for the writer. In this order: <see cref="Apply"/> inside the transaction; after its commit
/// <see cref="Committed"/>, still on the writer's thread, then <see cref="Complete"/> elsewhere; without a commit
/// <see cref="RolledBack"/>, then <see cref="Fail"/> elsewhere.
/// </summary>
internal abstract class PendingWrite
{
    /// <summary>How much of the queue's bound it takes.</summary>
    public virtual (int Events, long Bytes) Weight => (1, 0);

    public abstract void Apply(WriteConnection store);

    public virtual void Committed()
    {
    }

    public virtual void RolledBack()
    {
    }

    public abstract void Complete();

    public abstract void Fail(LogException reason);
}

/// <summary>A write that answers with a value when it is kept.</summary>
internal abstract class PendingWrite<T> : PendingWrite
{
    // Continuations run in place: see Completions.
    private readonly TaskCompletionSource<T> _task = new();

    public Task<T> Task => _task.Task;

    protected abstract T Result { get; }

    public override void Complete() => _task.TrySetResult(Result);

    public override void Fail(LogException reason) => _task.TrySetException(reason);
}

/// <summary>Replaces the stream's snapshot unless it holds a newer one.</summary>
internal sealed class PendingSnapshot(StreamState state, Snapshot snapshot) : PendingWrite<bool>
{
    public override (int Events, long Bytes) Weight => (1, snapshot.State.Length);

    protected override bool Result => true;

    public override void Apply(WriteConnection store) => store.SaveSnapshot(state.Tail.StreamId, snapshot);
}

/// <summary>Asks for the rows of all streams to be brought up to date; answers with the lsn up to which they then are.</summary>
internal sealed class PendingFlush : PendingWrite<long>
{
    /// <summary>Set by the writer, which flushes after the group of which this is a part.</summary>
    public long UpTo { get; set; }

    protected override long Result => UpTo;

    public override void Apply(WriteConnection store)
    {
    }
}
