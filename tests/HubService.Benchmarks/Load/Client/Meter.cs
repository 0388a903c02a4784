using System.Diagnostics;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Reads what the servers, Redis, this client and everybody else used between two moments.</summary>
internal sealed class Meter(Target target)
{
    private double _servers, _redis, _self, _busy;
    private long _began;

    public void Begin() => (_servers, _redis, _self, _busy, _began) = Read();

    public Usage End()
    {
        (double servers, double redis, double self, double busy, long now) = Read();
        double seconds = (now - _began) / 1e9;
        double others = (busy - _busy - (servers - _servers) - (redis - _redis) - (self - _self)) / seconds;
        return new Usage(seconds, servers - _servers, redis - _redis, self - _self, Math.Max(0, others));
    }

    private (double Servers, double Redis, double Self, double Busy, long Now) Read() =>
        (Processes.Cpu(target.Processes), Processes.Cpu(target.RedisProcesses), Processes.Cpu(Environment.ProcessId), Processes.Busy(), Stopwatch.GetTimestamp());
}

/// <summary>CPU seconds used within a window.</summary>
/// <param name="Others">The cores that neither the servers nor this client used, but somebody.</param>
internal sealed record Usage(double Seconds, double Servers, double Redis, double Client, double Others);
