using HubService.Cluster;
using HubService.Contracts.Projects;
using HubService.Publishing;
using HubService.Streams;
using Microsoft.Extensions.Options;

namespace HubService.Projects;

/// <summary>
/// The work of the projects this node keeps: which stage was asked of which worker, and the time by which work whose worker is gone,
/// or was told to cancel, must have ended; then the hub ends it.
/// </summary>
internal sealed partial class ProjectWork(ProjectWorkers workers, Keepers keepers, GoneConnections gone, IOptions<ProjectOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamKey, Work> _work = [];

    /// <summary>Does a connected worker execute a stage of the project now?</summary>
    public bool IsWorking(StreamKey project)
    {
        lock (_gate)
        {
            return _work.TryGetValue(project, out Work? work) && work is { Stage: not null, Holder: { } holder } && workers.IsConnected(holder);
        }
    }

    public string? HolderOf(StreamKey project)
    {
        lock (_gate)
        {
            return _work.TryGetValue(project, out Work? work) && work.Holder is { } holder && workers.IsConnected(holder) ? holder : null;
        }
    }

    /// <summary>Who hears of chats and commands: the holder of the work, else a worker that serves the project.</summary>
    public string? WorkerFor(StreamKey project) => HolderOf(project) ?? workers.Route(project.Tenant, project.Id);

    /// <summary>Notes that a stage is asked for; returns the worker to ask, or null when it has to wait for one or a newer attempt was asked for.</summary>
    public string? Ask(StreamKey project, string stage, int attempt)
    {
        lock (_gate)
        {
            Work work = GetUnsynchronized(project);
            if (attempt < work.Attempt)
            {
                return null;
            }

            work.Attempt = attempt;
            work.Unasked = false;
            work.Outdate(In(options.Value.CancelTimeout));
            work.Restarted = true;
            work.Stage = stage;
            if (work.Cancel is null)
            {
                work.Until = long.MaxValue;
            }

            if (work.Holder is null || !workers.IsConnected(work.Holder))
            {
                work.Holder = workers.Route(project.Tenant, project.Id);
            }

            return work.Holder;
        }
    }

    /// <summary>Hands a new worker the stages that wait for one; returns them.</summary>
    public IReadOnlyList<(StreamKey Project, string Stage, int? Attempt)> TakeWaiting(string handle)
    {
        lock (_gate)
        {
            List<(StreamKey, string, int?)> taken = [];
            foreach ((StreamKey project, Work work) in _work)
            {
                if (work.Stage is { } stage && work.Cancel is null && (work.Holder is null || !workers.IsConnected(work.Holder)) && workers.Serves(handle, project.Tenant, project.Id) && keepers.IsMine(project))
                {
                    // A run of the worker before ends, unless the new connection is the same worker's and goes on with it.
                    work.Restarted &= work.Outdated.Count > 0;
                    work.Outdate(work.Until == long.MaxValue ? In(options.Value.DisconnectGrace) : work.Until);
                    work.Holder = handle;
                    work.Found = false;
                    work.Until = long.MaxValue;
                    work.Unasked = false;
                    taken.Add((project, stage, work.Attempt > 0 ? work.Attempt : null));
                }
            }

            return taken;
        }
    }

    public void Disconnected(string handle)
    {
        gone.Note(handle);
        Release(h => h == handle);
    }

    /// <summary>The same for every connection of nodes that are gone.</summary>
    public void Gone(IReadOnlyList<string> nodes) => Release(h => nodes.Contains(Handles.NodeOf(h)));

    /// <summary>Takes over whose work it is, from the node that has the connection, if this node does not know it. A publisher that is not a worker holds only its open runs; when it has none, its disconnect ends nothing.</summary>
    public void Announced(WorkHeld told, PipelineState state)
    {
        bool isCurrent = state.Attempt == told.Attempt && state.Unfinished;
        bool holdsSomething = state.OpenRuns.Count > 0 || told.IsWorker;
        if (!isCurrent || !holdsSomething || gone.Contains(told.Handle))
        {
            return;
        }

        lock (_gate)
        {
            if (!_work.ContainsKey(told.Project))
            {
                // It was told before this node had found what it keeps now.
                AdoptUnsynchronized(told.Project, state, all: true);
            }

            if (_work.TryGetValue(told.Project, out Work? work) && work.Found)
            {
                work.Found = false;
                work.Holder = told.Handle;
                work.Until = work.Cancel is null ? long.MaxValue : work.Until;
            }
        }
    }

    /// <summary>
    /// Gives the worker a last time to end its attempt by itself; returns the worker to tell, or null when there is none, a newer
    /// attempt has begun, or the worker has yet to be asked for this one: then <see cref="CancelOf"/> has it afterwards.
    /// </summary>
    public string? Cancel(StreamKey project, ProjectCancelRequest request)
    {
        lock (_gate)
        {
            Work work = GetUnsynchronized(project);
            if ((request.Attempt ?? 0) < work.Attempt)
            {
                return null;
            }

            work.Cancel = request;
            work.Until = Math.Min(work.Until, In(options.Value.CancelTimeout));
            string? worker = work.Found ? work.Holder ?? workers.Route(project.Tenant, project.Id) : work.Holder;
            return !work.Unasked && worker is not null && workers.IsConnected(worker) ? worker : null;
        }
    }

    /// <summary>What the project's present attempt was cancelled with, or null.</summary>
    public ProjectCancelRequest? CancelOf(StreamKey project)
    {
        lock (_gate)
        {
            return _work.GetValueOrDefault(project)?.Cancel;
        }
    }

    /// <summary>Extends the lease of work that is published over HTTP or goes on quietly; null when there is none.</summary>
    public DateTimeOffset? Heartbeat(StreamKey project)
    {
        lock (_gate)
        {
            if (!_work.TryGetValue(project, out Work? work) || (work.Stage is null && !work.HasRuns))
            {
                return null;
            }

            if (work.Until != long.MaxValue && work.Cancel is null)
            {
                work.Until = In(options.Value.HttpLease);
            }

            return time.GetUtcNow() + options.Value.HttpLease;
        }
    }

    /// <summary>Takes over what a project's projection says after a load or a batch.</summary>
    public void Settled(StreamKey project, PipelineState state, IReadOnlyList<EventDraft> kept)
    {
        lock (_gate)
        {
            if (kept.Count == 0)
            {
                AdoptUnsynchronized(project, state, all: true);
                return;
            }

            bool open = state.OpenRuns.Count > 0;
            string? publisher = kept[^1].ConnectionId is { } handle && !gone.Contains(handle) ? handle : null;
            bool byWorker = publisher is not null && workers.IsConnected(publisher);
            if (!_work.TryGetValue(project, out Work? work))
            {
                if (!open && !byWorker)
                {
                    return;
                }

                work = GetUnsynchronized(project);
            }

            if (state.Attempt > work.Attempt)
            {
                // What was cancelled before is outdated by the new attempt, and so is its deadline.
                work.Unasked = true;
                work.Disarm();
            }
            else if (work.Cancel is not null && state.Changes == 0 && work.HasRuns && !open)
            {
                // Nobody ever said a word about stages: with its runs the worker has ended all that it was told to end.
                work.Disarm();
            }

            work.Attempt = state.Attempt;
            work.OpenRuns = [.. state.OpenRuns];
            Forgive(work, kept);
            bool inProgress = state.Current.Status == StageStatuses.InProgress;
            work.Stage = inProgress && (byWorker || work.Stage is not null) ? state.Current.Id : null;
            if (byWorker)
            {
                work.Holder = publisher;
            }

            if (open && work.Cancel is null)
            {
                work.Holder = publisher ?? work.Holder;
                work.Until = work.Holder is null ? In(options.Value.HttpLease) : long.MaxValue;
            }

            work.Found &= work.Holder is null;
            SettleUnsynchronized(project, work);
        }
    }

    /// <summary>Takes over what other nodes made of the project; what nobody began here and has no run is no work of this node.</summary>
    public void CaughtUp(StreamKey project, PipelineState state)
    {
        lock (_gate)
        {
            AdoptUnsynchronized(project, state, all: false);
        }
    }

    /// <summary>A run that its new holder publishes for goes on; one that has ended needs no ending.</summary>
    private static void Forgive(Work work, IReadOnlyList<EventDraft> kept)
    {
        if (work.Outdated.Count == 0)
        {
            return;
        }

        foreach (string run in work.Outdated.Keys.Except(work.OpenRuns, StringComparer.Ordinal).ToList())
        {
            work.Outdated.Remove(run);
        }

        foreach (EventDraft draft in kept)
        {
            if (!work.Restarted && draft.ConnectionId == work.Holder && draft.Type is "TRAIN_PROGRESS" && draft.Payload.Text("run_id") is { } run)
            {
                work.Outdated.Remove(run);
            }
        }
    }

    private void AdoptUnsynchronized(StreamKey project, PipelineState state, bool all)
    {
        bool known = _work.TryGetValue(project, out Work? work);
        if (!state.Unfinished)
        {
            if (work is not null)
            {
                (work.OpenRuns, work.Stage) = ([], null);
                work.Outdated.Clear();
                SettleUnsynchronized(project, work);
            }

            return;
        }

        if (!known && !all && state.OpenRuns.Count == 0)
        {
            return;
        }

        work ??= GetUnsynchronized(project);
        work.Found |= !known;
        work.Attempt = state.Attempt;
        work.OpenRuns = [.. state.OpenRuns];
        Forgive(work, []);
        bool inProgress = state.Current.Status == StageStatuses.InProgress;
        work.Stage = inProgress && all ? work.Stage ?? state.Current.Id
            : inProgress && work.Stage is not null ? state.Current.Id
            : null;
        if (work.HasRuns && work.Holder is null)
        {
            work.Until = Math.Min(work.Until, In(options.Value.HttpLease));
        }
    }

    private void SettleUnsynchronized(StreamKey project, Work work)
    {
        if (!work.HasRuns && work.Stage is null)
        {
            work.Disarm();
            if (work.Holder is null)
            {
                _work.Remove(project);
            }
        }
    }

    private void Release(Func<string, bool> held)
    {
        lock (_gate)
        {
            foreach (Work work in _work.Values)
            {
                if (work.Holder is { } holder && held(holder))
                {
                    work.Release(In(options.Value.DisconnectGrace));
                }
            }
        }
    }

    private Work GetUnsynchronized(StreamKey project) => _work.TryGetValue(project, out Work? work) ? work : _work[project] = new Work();

    private long In(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);
}
