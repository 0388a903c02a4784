using HubService.Telemetry;

namespace HubService;

/// <summary>
/// Gives memory back once a burst is over. What thousands of connects leave behind as garbage stays resident until the youngest
/// generation is full, which on a processor with a large cache is after hundreds of MB; a node that is quiet never gets there.
/// Everything stands still meanwhile, so it waits until no event has come or gone and nobody has connected for some seconds.
/// </summary>
internal sealed partial class IdleMemory(HubMetrics metrics, TimeProvider time, ILogger<IdleMemory> logger)
{
    /// <summary>Less has no effect worth a pause.</summary>
    private const long LeastAllocated = 32L * 1024 * 1024;

    /// <summary>What lives is moved while everything stands still: of more than this the pause would be felt.</summary>
    private const long MostLive = 256L * 1024 * 1024;

    /// <summary>Of one core.</summary>
    private const double QuietCores = 0.2;

    private const int QuietPasses = 3;

    private long _at = time.GetTimestamp();
    private TimeSpan _used;
    private long _collected;
    private long _happened;
    private int _quiet;

    /// <summary>One pass, to be called every second; true when memory was given back.</summary>
    public bool TrimOnce() => TrimOnce(metrics.Happened, Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(), GC.GetTotalMemory(forceFullCollection: false));

    /// <param name="happened">Rises with every event and connection.</param>
    /// <param name="used">Of all processors since the process began.</param>
    /// <param name="allocated">Bytes since the process began.</param>
    /// <param name="heap">Bytes that live, and garbage.</param>
    internal bool TrimOnce(long happened, TimeSpan used, long allocated, long heap)
    {
        long now = time.GetTimestamp();
        double cores = (used - _used) / time.GetElapsedTime(_at, now);
        bool isQuiet = happened == _happened && cores < QuietCores;
        (_at, _used, _happened) = (now, used, happened);
        _quiet = isQuiet ? _quiet + 1 : 0;
        if (_quiet < QuietPasses || allocated - _collected < LeastAllocated || heap > MostLive + LeastAllocated)
        {
            return false;
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _collected = allocated;
        _quiet = 0;
        if (logger.IsEnabled(LogLevel.Debug))
        {
            double pauseMs = GC.GetGCMemoryInfo(GCKind.FullBlocking).PauseDurations[0].TotalMilliseconds;
            long before = heap / 1024 / 1024;
            long after = GC.GetTotalMemory(forceFullCollection: false) / 1024 / 1024;
            LogTrimmed(pauseMs, before, after);
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Gave memory back while nothing happened: {Before} MB of heap are {After} MB, after a pause of {PauseMs} ms")]
    private partial void LogTrimmed(double pauseMs, long before, long after);
}
