using System.Diagnostics;
using HubService.Checker;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Keeps what happens in a scenario, each record later than the one before.</summary>
internal sealed class Recorder
{
    private readonly Lock _gate = new();
    private readonly List<HistoryRecord> _records = [];
    private long _last;
    private bool _ended;

    public IReadOnlyList<HistoryRecord> Records
    {
        get
        {
            lock (_gate)
            {
                return [.. _records];
            }
        }
    }

    public void Add(HistoryRecord record)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _last = Math.Max(_last + 1, (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds);
                _records.Add(record with { At = _last });
            }
        }
    }

    /// <summary>What happens later, when the scenario is taken down, is no part of it.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
        }
    }
}
