using System.Globalization;

namespace HubService.Benchmarks.Load.Client;

/// <summary>What Linux says of processes and of the machine.</summary>
internal static class Processes
{
    /// <summary>The unit of /proc/…/stat, the same on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>User and system time of all its threads, in seconds; 0 when it is gone.</summary>
    public static double Cpu(int process)
    {
        try
        {
            // The name, in parentheses, may hold anything.
            string text = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    public static double Cpu(IEnumerable<int> processes) => processes.Sum(Cpu);

    /// <summary>Resident memory in MB; 0 when it is gone.</summary>
    public static double Memory(IEnumerable<int> processes) => processes.Sum(Memory);

    /// <summary>What all cores together were busy for since the machine started, in seconds; idle and waiting for disks are not.</summary>
    public static double Busy()
    {
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (Number(fields[1]) + Number(fields[2]) + Number(fields[3]) + Number(fields[6]) + Number(fields[7])) / TicksPerSecond;
    }

    private static double Memory(int process)
    {
        try
        {
            string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
