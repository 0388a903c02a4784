using System.Globalization;
using System.Runtime.InteropServices;

namespace HubService.Benchmarks.Load.Reporting;

/// <summary>Says what kind of machine this is, without its name.</summary>
internal static class Machine
{
    public static string Describe()
    {
        string processor = Line("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        double memory = double.Parse((Line("/proc/meminfo", "MemTotal") ?? "0").Split(' ')[0], CultureInfo.InvariantCulture) / 1024 / 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} × {processor}, {memory:0} GiB, {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}");
    }

    private static string? Line(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) is { } line ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() : null;
}
