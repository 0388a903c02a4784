using System.Diagnostics;

namespace TrainingPipeline;

/// <summary>Measures what this process uses since the last look.</summary>
internal sealed class ResourceMeter(TimeProvider time)
{
    private long lastLook = time.GetTimestamp();
    private TimeSpan lastCpu = CpuTime();

    /// <returns>Per cent of all processors, and resident megabytes.</returns>
    public (double CpuPercent, double RamMegabytes) Measure()
    {
        long now = time.GetTimestamp();
        TimeSpan cpu = CpuTime(), elapsed = time.GetElapsedTime(lastLook, now);
        double percent = elapsed > TimeSpan.Zero ? 100 * (cpu - lastCpu) / elapsed / Environment.ProcessorCount : 0;
        (lastLook, lastCpu) = (now, cpu);
        return (Math.Clamp(percent, 0, 100), Environment.WorkingSet / 1_048_576.0);
    }

    private static TimeSpan CpuTime()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
