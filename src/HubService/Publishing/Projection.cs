using HubService.Access;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Publishing;

/// <summary>
/// A stream's projection with the head it stands on: loaded from the log, kept level with what other nodes append, and built
/// again after it ran ahead of the log. Used by one caller at a time, except for <see cref="Facts"/>.
/// </summary>
/// <param name="rolledBack">Told when the log says that what stood at the known head is gone.</param>
internal sealed class Projection(StreamKey stream, IStreamRules rules, IEventLog log, Action<LogPage> rolledBack)
{
    private const int PageSize = 1_000;
    private const int LoadTries = 3;

    private readonly ProjectionBase? _base = log.IsShared ? new ProjectionBase(stream, rules) : null;
    private volatile StreamFacts? _facts;

    /// <summary>The time of the newest event.</summary>
    private DateTimeOffset _lastAt;

    /// <summary>Null until it is loaded, and while it is ahead of the log.</summary>
    public IStreamState? State { get; private set; }

    /// <summary>Where the log stood when it was last heard of.</summary>
    public LogHead Head { get; private set; } = new("", 0);

    /// <summary>How much the newest snapshot that this node knows of covers.</summary>
    public long SnapshotSeq { get; set; }

    /// <summary>The facts of the newest kept projection; null until it has been loaded.</summary>
    public StreamFacts? Facts => _facts;

    /// <param name="atHead">True to hold everything that any node has appended by now.</param>
    public ValueTask<IStreamState> OpenAsync(bool atHead) =>
        State is { } state && (_base is null || !atHead) ? ValueTask.FromResult(state) : ReadAsync(atHead);

    /// <summary>The time of the next event: never earlier than the one before, whatever the clock does; whole milliseconds, as on the wire.</summary>
    public DateTimeOffset Now(TimeProvider time)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        return _lastAt = now > _lastAt ? now : _lastAt;
    }

    /// <summary>Takes over what was appended: the projection has seen it already.</summary>
    public void Kept(IStreamState state, AppendResult appended, IReadOnlyList<NewLogEvent> events)
    {
        if (_base is not null && appended.Events.Any(static e => e.Duplicate))
        {
            // Seen twice: what is kept is read from the log.
            State = null;
            return;
        }

        Head = new LogHead(appended.Epoch, appended.Head);
        if (_base is not null)
        {
            for (int i = 0; i < events.Count; i++)
            {
                _base.Add(new LogEntry(appended.Events[i].Seq, events[i].EventId, events[i].Type, events[i].Ts, events[i].Body));
            }

            _base.Bound(state);
        }
    }

    /// <summary>Lets <see cref="Facts"/> be read from the projection, which holds what is kept.</summary>
    public void Publish(IStreamState state) => _facts = state.Facts;

    /// <summary>The projection is ahead of the log; it is built again by its next use.</summary>
    /// <param name="defect">True when nothing that was derived may be trusted any more.</param>
    public void Discard(bool defect = false)
    {
        State = null;
        if (defect)
        {
            _base?.Forget();
        }
    }

    private async ValueTask<IStreamState> ReadAsync(bool atHead)
    {
        if (State is null && _base is not { IsSet: true })
        {
            return await LoadAsync();
        }

        LogHead? upTo = atHead ? await log.HeadAsync(stream) : null;
        if (State is { } known && upTo == Head)
        {
            return known;
        }

        IStreamState state = State ?? _base!.Build();
        return await FollowAsync(state, upTo) ? Settle(state) : await LoadAsync();
    }

    /// <summary>Applies what follows the known head; false when the log cannot tell it as a whole.</summary>
    /// <param name="upTo">What it has to reach; null when the append will tell.</param>
    private async ValueTask<bool> FollowAsync(IStreamState state, LogHead? upTo)
    {
        // What fails on the way leaves a projection that nobody may use.
        State = null;
        while (true)
        {
            LogPage page = await NextAsync(upTo);
            if (page.Verdict != ReadVerdict.Ok)
            {
                if (page.Verdict == ReadVerdict.Reset)
                {
                    rolledBack(page);
                }

                return false;
            }

            foreach (LogEntry entry in page.Entries)
            {
                Apply(state, entry);
                _base!.Add(entry);
            }

            Head = new LogHead(page.Epoch, page.Entries.Count > 0 ? page.Entries[^1].Seq : Head.Seq);
            _base!.Bound(state);
            if (page.Entries.Count == 0 || Head.Seq >= page.Head)
            {
                return true;
            }
        }
    }

    /// <summary>What this node has heard, when that is enough and more than nothing; else what the log holds.</summary>
    private async ValueTask<LogPage> NextAsync(LogHead? upTo)
    {
        var at = new StreamPosition(Head.Epoch, Head.Seq);
        LogPage heard = await log.ReadRecentAsync(stream, at, PageSize);
        bool reaches = upTo is null || (heard.Epoch == upTo.Value.Epoch && heard.Head >= upTo.Value.Seq);
        return heard is { Verdict: ReadVerdict.Ok, Entries.Count: > 0 } && reaches ? heard : await log.ReadAsync(stream, at, PageSize);
    }

    private async ValueTask<IStreamState> LoadAsync()
    {
        State = null;
        _base?.Forget();
        for (int i = 0; i < LoadTries; i++)
        {
            Snapshot? snapshot = await log.LoadSnapshotAsync(stream);
            LogHead head = await log.HeadAsync(stream);
            IStreamState state = rules.Open(stream, snapshot?.State);
            if (await LoadAsync(state, head, snapshot?.Seq ?? 0))
            {
                SnapshotSeq = snapshot?.Seq ?? 0;
                _base?.Begin(state);
                return Settle(state);
            }
        }

        throw new LogException(ErrorCodes.StoreUnavailable, "The stream was rolled back over and over while it was read.");
    }

    /// <summary>Applies what follows a snapshot; false when the stream was rolled back meanwhile.</summary>
    private async ValueTask<bool> LoadAsync(IStreamState state, LogHead head, long at)
    {
        while (at < head.Seq)
        {
            LogPage page = await log.ReadAsync(stream, new StreamPosition(head.Epoch, at), PageSize);
            if (page.Verdict == ReadVerdict.Reset && _base is not null)
            {
                return false;
            }

            if (page.Entries.Count == 0)
            {
                break;
            }

            foreach (LogEntry entry in page.Entries)
            {
                Apply(state, entry);
                at = entry.Seq;
            }

            head = new LogHead(page.Epoch, page.Head);
        }

        Head = head;
        return true;
    }

    private void Apply(IStreamState state, in LogEntry entry)
    {
        if (rules.Affects(entry.Type))
        {
            state.Apply(rules.Read(entry));
        }

        _lastAt = DateTimeOffset.FromUnixTimeMilliseconds(entry.Ts);
    }

    private IStreamState Settle(IStreamState state)
    {
        Publish(state);
        State = state;
        if (_base is null)
        {
            rules.Settled(stream, state, []);
        }
        else
        {
            rules.CaughtUp(stream, state);
        }

        return state;
    }
}
