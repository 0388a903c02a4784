using HubService.Access;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Publishing;

/// <summary>
/// One stream as this node publishes to it: the projection, and the queue in front of the log. At most one batch is in
/// flight; what arrives meanwhile forms the next one. That gives publishers first-in-first-out order, the log large
/// batches, and every decision a projection that no other event can overtake.
/// </summary>
internal sealed partial class OpenStream(StreamKey stream, IStreamRules rules, IEventLog log, TimeProvider time, ILogger logger)
{
    private const int MaxBatchEvents = 500;
    private const int SnapshotEvery = 1_000;
    private const int PageSize = 1_000;

    private readonly Lock _gate = new();
    private List<Submission> _waiting = [];
    private readonly Batch _batch = new();
    private bool _busy;
    private IStreamState? _state;
    private string _epoch = "";
    private long _head;
    private long _snapshotSeq;
    private bool _snapshotWanted;
    private DateTimeOffset _lastAt;
    private volatile StreamFacts? _facts;
    private long _touched = time.GetTimestamp();

    public StreamKey Stream => stream;

    /// <summary>The facts the authoriser asks for; null until the projection has been loaded.</summary>
    public StreamFacts? Facts => _facts;

    /// <summary>True when nobody used the stream for this long and nothing waits.</summary>
    public bool IsIdle(TimeSpan since)
    {
        lock (_gate)
        {
            return !_busy && _waiting.Count == 0 && time.GetElapsedTime(_touched) >= since;
        }
    }

    /// <summary>Decides on the projection and appends what was decided, in the order of the calls.</summary>
    public Task<Outcome> SubmitAsync(Func<IStreamState, Decision> decide, IReadOnlyList<EventDraft>? drafts = null)
    {
        var submission = new Submission(decide, drafts);
        lock (_gate)
        {
            _touched = time.GetTimestamp();
            _waiting.Add(submission);
            if (_busy)
            {
                return submission.Task;
            }

            _busy = true;
        }

        _ = DrainAsync();
        return submission.Task;
    }

    /// <summary>Saves the projection when it covers more than the newest snapshot.</summary>
    public Task SaveSnapshotAsync() => SubmitAsync(_ =>
    {
        // Taken when the batch has been kept: until then the projection may be ahead of the log.
        _snapshotWanted = true;
        return Decision.Look(null);
    });

    private async Task DrainAsync()
    {
        while (true)
        {
            List<Submission> taken;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _busy = false;
                    return;
                }

                taken = _waiting;
                _waiting = [];
            }

            int from = 0;
            while (from < taken.Count)
            {
                from = await RunBatchAsync(taken, from);
            }
        }
    }

    /// <summary>One batch: as many submissions as fit, decided, checked and appended. Returns the first one left.</summary>
    private async Task<int> RunBatchAsync(List<Submission> taken, int from)
    {
        int to = from;
        try
        {
            IStreamState state = _state ??= await LoadAsync();
            int events = 0;
            while (to < taken.Count && (to == from || events + taken[to].Size <= MaxBatchEvents))
            {
                events += taken[to++].Size;
            }

            Batch batch = _batch;
            batch.Clear();
            await batch.FindKnownAsync(log, rules, stream, taken, from, to);
            for (int i = from; i < to; i++)
            {
                Decide(state, taken[i], batch);
            }

            if (batch.Fresh.Count > 0)
            {
                AppendResult appended = await log.AppendAsync(stream, batch.Events, new LogHead(_epoch, _head));
                if (appended.Conflict)
                {
                    // Somebody else wrote: decide again on what the stream has become.
                    _state = null;
                    return from;
                }

                _epoch = appended.Epoch;
                _head = appended.Head;
                batch.Place(appended);
            }

            Settle(state, batch.Fresh);
            for (int i = from; i < to; i++)
            {
                taken[i].Complete(_epoch, _head);
            }
        }
        catch (LogException e)
        {
            Fail(taken, from, to, new HubError(e.Code, e.Message));
        }
        catch (Exception e)
        {
            LogDefect(logger, e, stream.Kind);
            Fail(taken, from, to, new HubError(ErrorCodes.Internal, "The hub failed to publish; nothing is known to be lost."));
        }

        return Math.Max(to, from + 1);
    }

    private void Decide(IStreamState state, Submission submission, Batch batch)
    {
        Decision decision;
        try
        {
            decision = submission.Decide(state);
        }
        catch (Exception e)
        {
            LogDefect(logger, e, stream.Kind);
            decision = Decision.Refuse(ErrorCodes.Internal, "The hub failed to decide; nothing was appended.");
        }

        submission.Begin(decision);
        foreach (EventDraft draft in decision.Events)
        {
            if (batch.TryAnswerKnown(submission, draft))
            {
                continue;
            }

            if (state.Check(draft) is { } refused)
            {
                submission.Results.Add(new PublishResult { Error = refused, EventId = draft.EventId });
            }
            else
            {
                DateTimeOffset at = Now();
                state.Apply(new PlacedEvent(draft.Type, draft.EventId, draft.RunId, draft.UserId, draft.AgentName, at, draft.Payload));
                batch.Add(submission, draft, at, rules.Render(stream, state, draft, at));
            }
        }
    }

    /// <summary>Never earlier than the event before, whatever the clock does; whole milliseconds, as on the wire.</summary>
    private DateTimeOffset Now()
    {
        DateTimeOffset now = time.GetUtcNow();
        now = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        return _lastAt = now > _lastAt ? now : _lastAt;
    }

    private void Settle(IStreamState state, IReadOnlyList<EventDraft> fresh)
    {
        _facts = state.Facts;
        if (fresh.Count > 0)
        {
            rules.Settled(stream, state, fresh);
        }

        if (_snapshotWanted || _head - _snapshotSeq >= SnapshotEvery)
        {
            _snapshotWanted = false;
            StartSnapshot();
        }
    }

    private void StartSnapshot()
    {
        if (_state is not { } state || _head <= _snapshotSeq)
        {
            return;
        }

        _snapshotSeq = _head;
        _ = SaveAsync(new Snapshot(_head, state.Unfinished, state.Save(), _epoch));

        async Task SaveAsync(Snapshot snapshot)
        {
            try
            {
                await log.SaveSnapshotAsync(stream, snapshot);
            }
            catch (LogException e)
            {
                // The next one covers it; until then retention keeps what this one would have covered.
                LogSnapshotFailed(logger, e, stream.Kind);
            }
        }
    }

    private async Task<IStreamState> LoadAsync()
    {
        Snapshot? snapshot = await log.LoadSnapshotAsync(stream);
        LogHead head = await log.HeadAsync(stream);
        IStreamState state = rules.Open(stream, snapshot?.State);
        long at = snapshot?.Seq ?? 0;
        while (at < head.Seq)
        {
            LogPage page = await log.ReadAsync(stream, new StreamPosition(head.Epoch, at), PageSize);
            if (page.Entries.Count == 0)
            {
                break;
            }

            foreach (LogEntry entry in page.Entries)
            {
                if (rules.Affects(entry.Type))
                {
                    state.Apply(rules.Read(entry));
                }

                at = entry.Seq;
                _lastAt = DateTimeOffset.FromUnixTimeMilliseconds(entry.Ts);
            }

            head = new LogHead(page.Epoch, page.Head);
        }

        _epoch = head.Epoch;
        _head = head.Seq;
        _snapshotSeq = snapshot?.Seq ?? 0;
        _facts = state.Facts;
        rules.Settled(stream, state, []);
        return state;
    }

    /// <summary>The projection has run ahead of the log, so it is thrown away and loaded again by the next batch.</summary>
    private void Fail(List<Submission> taken, int from, int to, HubError error)
    {
        _state = null;
        for (int i = from; i < Math.Max(to, from + 1) && i < taken.Count; i++)
        {
            taken[i].Fail(error, _epoch, _head);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A defect while publishing to a {Kind} stream")]
    private static partial void LogDefect(ILogger logger, Exception exception, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of a {Kind} stream was not saved")]
    private static partial void LogSnapshotFailed(ILogger logger, Exception exception, string kind);
}
