using HubService.Contracts.Projects;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Projects;

/// <summary>What becomes of work whose time is over.</summary>
internal sealed partial class ProjectWork
{
    /// <summary>One pass: ends the work whose time is over, and forgets that of projects which another node keeps; returns how many projects.</summary>
    public async Task<int> ExpireOnceAsync(OpenStreams streams)
    {
        List<StreamKey> due;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            foreach (StreamKey other in _work.Keys.Where(p => !keepers.IsMine(p)).ToList())
            {
                _work.Remove(other);
            }

            due = [.. _work.Where(w => w.Value.Until <= now || w.Value.Outdated.Values.Any(until => until <= now)).Select(w => w.Key)];
        }

        foreach (StreamKey project in due)
        {
            Outcome outcome = await streams.SubmitAsync(project, state => End(project, (PipelineState)state));
            if (outcome is { Error: null, Answer: true })
            {
                // Only now: what the log refused is decided again by the next pass.
                Ended(project);
            }
        }

        return due.Count;
    }

    private void Ended(StreamKey project)
    {
        lock (_gate)
        {
            if (_work.TryGetValue(project, out Work? work) && work.Until <= time.GetTimestamp())
            {
                work.Disarm();
                work.Stage = null;
            }
        }
    }

    private Decision End(StreamKey project, PipelineState state)
    {
        bool cancelled;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            if (!_work.TryGetValue(project, out Work? work))
            {
                return Decision.Look(null);
            }

            if (work.Until > now)
            {
                return new Decision([.. state.OpenRuns.Where(run => work.Outdated.TryGetValue(run, out long until) && until <= now)
                    .Select(run => EventDraft.ByHub("TRAIN_RUN_FINISHED", new TrainRunFinished(run, TrainStatus.Cancelled)))]);
            }

            cancelled = work.Cancel is not null;
        }

        string reason = cancelled ? "Cancelled; the worker did not answer in time." : "The worker went away.";
        List<EventDraft> events = [.. state.OpenRuns.Select(run =>
            EventDraft.ByHub("TRAIN_RUN_FINISHED", new TrainRunFinished(run, cancelled ? TrainStatus.Cancelled : TrainStatus.Failed)))];
        events.Add(EventDraft.ByHub("LOG_LINE", new LogLine("system", "warn", reason, "hub")));
        if (state.Current.Status == StageStatuses.InProgress)
        {
            events.Add(EventDraft.ByHub("STAGE_STATUS", new StageStatus(state.Current.Id, StageStatuses.Failed, reason)));
        }

        return new Decision(events, Answer: true);
    }
}
