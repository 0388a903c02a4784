using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Delivery;

/// <summary>A log whose reads can be made to fail, whose followers can be made to hear of appends later, and are counted.</summary>
internal sealed class SteeredLog(IEventLog inner) : IEventLog
{
    private readonly Queue<Action> _held = [];
    private int _followers;

    public bool Fails { get; set; }

    /// <summary>While true, followers are told nothing.</summary>
    public bool Holds { get; set; }

    public int Reads { get; private set; }

    /// <summary>How many follow now.</summary>
    public int Followers => _followers;

    public ValueTask<AppendResult> AppendAsync(StreamKey stream, IReadOnlyList<NewLogEvent> events, LogHead? expected = null, CancellationToken cancellationToken = default) =>
        inner.AppendAsync(stream, events, expected, cancellationToken);

    public ValueTask<LogPage> ReadAsync(StreamKey stream, StreamPosition after, int limit, CancellationToken cancellationToken = default)
    {
        Reads++;
        return Fails ? throw new LogException(ErrorCodes.StoreUnavailable, "The disk is gone.") : inner.ReadAsync(stream, after, limit, cancellationToken);
    }

    public ValueTask<LogHead> HeadAsync(StreamKey stream, CancellationToken cancellationToken = default) =>
        Fails ? throw new LogException(ErrorCodes.StoreUnavailable, "The disk is gone.") : inner.HeadAsync(stream, cancellationToken);

    public async ValueTask<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower, CancellationToken cancellationToken = default)
    {
        Following following = await inner.FollowAsync(
            stream,
            batch =>
            {
                if (Holds)
                {
                    _held.Enqueue(() => follower(batch));
                }
                else
                {
                    follower(batch);
                }
            },
            cancellationToken);
        Interlocked.Increment(ref _followers);
        return new Following(following.Head, () =>
        {
            following.Dispose();
            Interlocked.Decrement(ref _followers);
        });
    }

    public void Release()
    {
        Holds = false;
        while (_held.TryDequeue(out Action? hand))
        {
            hand();
        }
    }

    public ValueTask<long?[]> FindAsync(StreamKey stream, IReadOnlyList<string> eventIds, CancellationToken cancellationToken = default) => inner.FindAsync(stream, eventIds, cancellationToken);

    public ValueTask SaveSnapshotAsync(StreamKey stream, Snapshot snapshot, CancellationToken cancellationToken = default) => inner.SaveSnapshotAsync(stream, snapshot, cancellationToken);

    public ValueTask<Snapshot?> LoadSnapshotAsync(StreamKey stream, CancellationToken cancellationToken = default) => inner.LoadSnapshotAsync(stream, cancellationToken);

    public IAsyncEnumerable<StreamKey> UnsettledAsync(CancellationToken cancellationToken = default) => inner.UnsettledAsync(cancellationToken);

    public ValueTask<int> TrimOnceAsync(CancellationToken cancellationToken = default) => inner.TrimOnceAsync(cancellationToken);
}
