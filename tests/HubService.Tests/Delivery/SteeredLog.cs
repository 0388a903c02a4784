using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Delivery;

/// <summary>
/// A log whose reads can be made to fail, whose followers can be made to hear of appends later or never, and are counted; and
/// which can go on under another epoch with nothing lost, as a shared one does when its server was started again.
/// </summary>
internal sealed class SteeredLog(IEventLog inner) : IEventLog
{
    private readonly Queue<Action> _held = [];
    private readonly List<Action<LogBatch>> _following = [];
    private int _followers;

    /// <summary>When set, the epoch under which the stream goes on; positions of the one before still hold.</summary>
    public string? Epoch { get; set; }

    /// <summary>While true, followers are never told.</summary>
    public bool Loses { get; set; }

    /// <summary>When set, what HeadAsync says instead.</summary>
    public long? Head { get; set; }

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
        return Fails ? throw new LogException(ErrorCodes.StoreUnavailable, "The disk is gone.") : ReadOnAsync(stream, after, limit);
    }

    /// <summary>Tells the followers that the stream goes on in a way that only a read can tell.</summary>
    public async Task AnnounceAsync(StreamKey stream)
    {
        LogHead head = await HeadAsync(stream);
        foreach (Action<LogBatch> follower in _following.ToArray())
        {
            follower(new LogBatch(stream, head, []));
        }
    }

    public ValueTask<LogHead> HeadAsync(StreamKey stream, CancellationToken cancellationToken = default) =>
        Fails ? throw new LogException(ErrorCodes.StoreUnavailable, "The disk is gone.") : HeadOnAsync(stream);

    public async ValueTask<Following> FollowAsync(StreamKey stream, Action<LogBatch> follower, CancellationToken cancellationToken = default)
    {
        Following following = await inner.FollowAsync(
            stream,
            told =>
            {
                LogBatch batch = told with { Head = Now(told.Head) };
                if (Loses)
                {
                    return;
                }

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
        _following.Add(follower);
        return new Following(Now(following.Head), () =>
        {
            following.Dispose();
            _following.Remove(follower);
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

    private async ValueTask<LogPage> ReadOnAsync(StreamKey stream, StreamPosition after, int limit)
    {
        LogHead head = await inner.HeadAsync(stream);
        LogPage page = await inner.ReadAsync(stream, after.Epoch == Epoch ? after with { Epoch = head.Epoch } : after, limit);
        return page with { Epoch = Epoch ?? page.Epoch };
    }

    private async ValueTask<LogHead> HeadOnAsync(StreamKey stream)
    {
        LogHead head = Now(await inner.HeadAsync(stream));
        return head with { Seq = Head ?? head.Seq };
    }

    private LogHead Now(LogHead head) => head with { Epoch = Epoch ?? head.Epoch };
}
