using System.Runtime.CompilerServices;
using HubService.Access;
using HubService.Contracts;
using HubService.Streams;
using Microsoft.Extensions.ObjectPool;

namespace HubService.Publishing;

/// <summary>
/// One stream as this node publishes to it: the projection, and the queue in front of the log. At most one batch is in
/// flight; what arrives meanwhile forms the next one. That gives publishers first-in-first-out order, the log large
/// batches, and every decision a projection that no other event can overtake, whichever node appended it.
/// </summary>
internal sealed partial class OpenStream
{
    private const int MaxBatchEvents = 500;
    private const int SnapshotEvery = 1_000;

    /// <summary>A longer list is not kept for what comes next.</summary>
    private const int MaxSpare = 16;

    /// <summary>Shared by all streams, so that the few in use stay near the processor.</summary>
    private static readonly ObjectPool<Batch> Batches = new DefaultObjectPool<Batch>(new DefaultPooledObjectPolicy<Batch>(), maximumRetained: 256);

    private readonly IStreamRules _rules;
    private readonly IEventLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Projection _projection;
    private readonly RecentPublishers? _publishers;

    private readonly Lock _gate = new();
    private List<Submission> _waiting = [];

    /// <summary>What <see cref="_waiting"/> becomes when it is taken.</summary>
    private List<Submission>? _spare;
    private bool _busy;
    private bool _snapshotWanted;
    private long _touched;

    public OpenStream(StreamKey stream, IStreamRules rules, IEventLog log, Rollbacks rollbacks, TimeProvider time, ILogger logger)
    {
        Stream = stream;
        _rules = rules;
        _log = log;
        _time = time;
        _logger = logger;
        _touched = time.GetTimestamp();
        _publishers = log.IsShared ? new RecentPublishers() : null;
        _projection = new Projection(stream, rules, log, page =>
        {
            rollbacks.Tell(stream, page, _publishers!.Handles);
            _publishers.Clear();
        });
    }

    public StreamKey Stream { get; }

    /// <summary>The facts the authoriser asks for; null until the projection has been loaded.</summary>
    public StreamFacts? Facts => _projection.Facts;

    /// <summary>True when nobody used the stream for this long and nothing waits.</summary>
    public bool IsIdle(TimeSpan since)
    {
        lock (_gate)
        {
            return !_busy && _waiting.Count == 0 && _time.GetElapsedTime(_touched) >= since;
        }
    }

    /// <summary>Decides on the projection and appends what was decided, in the order of the calls.</summary>
    public Task<Outcome> SubmitAsync(Func<IStreamState, Decision> decide, IReadOnlyList<EventDraft>? drafts = null) =>
        Enqueue(new DecidedBy(decide, drafts), isUse: true);

    /// <inheritdoc cref="SubmitAsync(Func{IStreamState, Decision}, IReadOnlyList{EventDraft}?)"/>
    public Task<Outcome> SubmitAsync(Submission submission) => Enqueue(submission, isUse: true);

    /// <summary>Brings the projection level with the log, which is no use of the stream.</summary>
    public Task<Outcome> LookAsync(Func<IStreamState, object?>? look = null) => Enqueue(new DecidedBy(state => Decision.Look(look?.Invoke(state)), null), isUse: false);

    /// <summary>Completes when what is on its way has been kept and the rules have heard of it; at once when nothing is.</summary>
    public Task SettledAsync()
    {
        lock (_gate)
        {
            if (!_busy)
            {
                return Task.CompletedTask;
            }
        }

        return LookAsync();
    }

    /// <summary>Saves the projection when it covers more than the newest snapshot.</summary>
    public Task SaveSnapshotAsync() => SubmitAsync(_ =>
    {
        // Taken when the batch has been kept: until then the projection may be ahead of the log.
        _snapshotWanted = true;
        return Decision.Look(null);
    });

    /// <summary>Lets the rules take the stream over as it is, because this node keeps it from now on.</summary>
    public Task<Outcome> TakeOverAsync() => LookAsync(state =>
    {
        _rules.Settled(Stream, state, []);
        return null;
    });

    private Task<Outcome> Enqueue(Submission submission, bool isUse)
    {
        lock (_gate)
        {
            _touched = isUse ? _time.GetTimestamp() : _touched;
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

    private async Task DrainAsync()
    {
        while (TakeWaiting(stopWhenNone: true) is { } taken)
        {
            int from = 0;
            while (from < taken.Count)
            {
                from = await RunBatchAsync(taken, from);
            }

            taken.Clear();
            _spare = taken.Capacity <= MaxSpare ? taken : null;
        }
    }

    private List<Submission>? TakeWaiting(bool stopWhenNone = false)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _busy &= !stopWhenNone;
                return null;
            }

            List<Submission> taken = _waiting;
            (_waiting, _spare) = (_spare ?? [], null);
            return taken;
        }
    }

    /// <summary>One batch: as many submissions as fit, decided, checked and appended. Returns the first one left.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> RunBatchAsync(List<Submission> taken, int from)
    {
        int to = from;
        Batch batch = Batches.Get();
        try
        {
            bool looks = false;
            int events = 0;
            while (to < taken.Count && (to == from || events + taken[to].Size <= MaxBatchEvents))
            {
                looks |= taken[to].Drafts.Count == 0;
                events += taken[to++].Size;
            }

            // A batch of events alone is held to the head by its append.
            IStreamState state = await _projection.OpenAsync(atHead: looks);
            await batch.FindKnownAsync(_log, _rules, Stream, taken, from, to);
            for (int i = from; i < to; i++)
            {
                Decide(state, taken[i], batch);
            }

            if (batch.Fresh.Count > 0)
            {
                AppendResult appended = await _log.AppendAsync(Stream, batch.Events, _projection.Head);
                if (appended.Conflict)
                {
                    // Somebody else wrote: decide again on what the stream has become.
                    _projection.Discard();
                    return from;
                }

                _projection.Kept(state, appended, batch.Events);
                batch.Place(appended);
            }
            else if (!looks && await IsOutdatedAsync())
            {
                return from;
            }

            Settle(state, batch.Fresh);
            for (int i = from; i < to; i++)
            {
                taken[i].Complete(_projection.Head.Epoch, _projection.Head.Seq);
            }

            return to;
        }
        catch (LogException e)
        {
            _projection.Discard();
            Fail(taken, from, to, new HubError(e.Code, e.Message));
            return _log.IsShared && e.Code != ErrorCodes.StoreFull ? FailRest(taken, to) : to;
        }
        catch (Exception e)
        {
            LogDefect(_logger, e, Stream.Kind);
            _projection.Discard(defect: true);
            Fail(taken, from, to, new HubError(ErrorCodes.Internal, "The hub failed to publish; nothing is known to be lost."));
            return to;
        }
        finally
        {
            Batches.Return(batch);
        }
    }

    /// <summary>Everything was refused, and no append proved that no other node had appended what would allow it.</summary>
    private async ValueTask<bool> IsOutdatedAsync()
    {
        LogHead decidedOn = _projection.Head;
        await _projection.OpenAsync(atHead: true);
        return _projection.Head != decidedOn;
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
            LogDefect(_logger, e, Stream.Kind);
            decision = Decision.Refuse(ErrorCodes.Internal, "The hub failed to decide; nothing was appended.");
        }

        submission.Begin(decision);
        for (int i = 0; i < decision.Events.Count; i++)
        {
            EventDraft draft = decision.Events[i];
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
                DateTimeOffset at = _projection.Now(_time);
                state.Apply(new PlacedEvent(draft.Type, draft.EventId, draft.RunId, draft.UserId, draft.AgentName, at, draft.Payload));
                batch.Add(submission, draft, at, _rules.Render(Stream, state, draft, at));
            }
        }
    }

    private void Settle(IStreamState state, IReadOnlyList<EventDraft> fresh)
    {
        _projection.Publish(state);
        if (fresh.Count > 0)
        {
            _publishers?.Note(fresh);
            _rules.Settled(Stream, state, fresh);
        }

        if (_snapshotWanted || _projection.Head.Seq - _projection.SnapshotSeq >= SnapshotEvery)
        {
            _snapshotWanted = false;
            StartSnapshot();
        }
    }

    private void StartSnapshot()
    {
        LogHead head = _projection.Head;
        if (_projection.State is not { } state || head.Seq <= _projection.SnapshotSeq)
        {
            return;
        }

        _projection.SnapshotSeq = head.Seq;
        _ = SaveAsync(new Snapshot(head.Seq, state.Unfinished, state.Save(), head.Epoch));

        async Task SaveAsync(Snapshot snapshot)
        {
            try
            {
                await _log.SaveSnapshotAsync(Stream, snapshot);
            }
            catch (LogException e)
            {
                // The next one covers it; until then retention keeps what this one would have covered.
                LogSnapshotFailed(_logger, e, Stream.Kind);
            }
        }
    }

    private void Fail(List<Submission> taken, int from, int to, HubError error)
    {
        for (int i = from; i < to; i++)
        {
            taken[i].Fail(error, _projection.Head.Epoch, _projection.Head.Seq);
        }
    }

    /// <summary>What waits is answered now, instead of waiting for the log to time out once for each batch. Nothing of it was sent.</summary>
    private int FailRest(List<Submission> taken, int from)
    {
        HubError error = new(ErrorCodes.StoreUnavailable, "The log did not answer what was sent before; nothing of this was sent.");
        List<Submission> waiting = TakeWaiting() ?? [];
        Fail(taken, from, taken.Count, error);
        Fail(waiting, 0, waiting.Count, error);
        return taken.Count;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A defect while publishing to a {Kind} stream")]
    private static partial void LogDefect(ILogger logger, Exception exception, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of a {Kind} stream was not saved")]
    private static partial void LogSnapshotFailed(ILogger logger, Exception exception, string kind);
}
