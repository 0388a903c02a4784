using HubService.Contracts.Projects;

namespace HubService.Projects;

/// <summary>What is under way in one project, and by when it must have ended. Its user locks.</summary>
internal sealed class Work
{
    /// <summary>The handle of the worker's connection, or of that of whoever publishes.</summary>
    public string? Holder { get; set; }

    /// <summary>The stage that was asked for and has not ended; waits for a worker while there is no holder.</summary>
    public string? Stage { get; set; }

    /// <summary>The number of the newest attempt; 0 before the first.</summary>
    public int Attempt { get; set; }

    public IReadOnlyList<string> OpenRuns { get; set; } = [];

    public bool HasRuns => OpenRuns.Count > 0;

    public long Until { get; set; } = long.MaxValue;

    /// <summary>The cancellation of the present attempt, until it is answered.</summary>
    public ProjectCancelRequest? Cancel { get; set; }

    /// <summary>The newest attempt has begun, and its worker has not heard of it yet.</summary>
    public bool Unasked { get; set; }

    /// <summary>Runs whose stage was asked for anew, or whose worker was replaced: each must end by its time, whatever else goes on.</summary>
    public Dictionary<string, long> Outdated { get; } = new(StringComparer.Ordinal);

    /// <summary>A restart outdates the run for good; a new connection may be the same worker's.</summary>
    public bool Restarted { get; set; }

    /// <summary>It was found under way by a node that does not know whose it is.</summary>
    public bool Found { get; set; }

    public void Outdate(long until)
    {
        foreach (string run in OpenRuns)
        {
            Outdated.TryAdd(run, until);
        }
    }

    /// <summary>Forgets the holder, who has until then to come back; what waits for a worker may wait.</summary>
    public void Release(long until)
    {
        Holder = null;
        Until = Stage is not null || HasRuns ? Math.Min(Until, until) : long.MaxValue;
    }

    public void Disarm()
    {
        Cancel = null;
        Until = long.MaxValue;
    }
}
