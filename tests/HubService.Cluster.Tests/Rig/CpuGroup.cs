using System.Diagnostics;
using System.Globalization;

namespace HubService.Cluster.Tests.Rig;

/// <summary>A control group that gives one process a share of one processor.</summary>
internal sealed class CpuGroup : IDisposable
{
    private const string Mount = "/sys/fs/cgroup";
    private const string Processes = "cgroup.procs";
    private const int PeriodUs = 100_000;

    private static int _count;

    private readonly Process _process;
    private readonly string _parent;
    private readonly string _folder;

    private CpuGroup(string parent, Process process)
    {
        _process = process;
        _parent = parent;
        _folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"hubnode-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}"));
    }

    /// <summary>Null where the groups of this machine cannot be written, or have no limit for processors.</summary>
    public static CpuGroup? TryLimit(Process process, double share)
    {
        foreach (string parent in new[] { Mount, $"{Mount}/cpu", $"{Mount}/cpu,cpuacct" }.Where(p => File.Exists(Path.Combine(p, Processes))))
        {
            var group = new CpuGroup(parent, process);
            try
            {
                group.Limit((int)(PeriodUs * share));
                return group;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                group.Dispose();
            }
        }

        return null;
    }

    /// <summary>How long it had to wait for its share until now.</summary>
    public TimeSpan Held
    {
        get
        {
            // Version 2 counts microseconds, version 1 nanoseconds.
            Dictionary<string, long> numbers = File.ReadLines(PathOf("cpu.stat")).Select(l => l.Split(' ')).ToDictionary(l => l[0], l => long.Parse(l[1], CultureInfo.InvariantCulture));
            return numbers.TryGetValue("throttled_usec", out long us) ? TimeSpan.FromMicroseconds(us) : TimeSpan.FromMicroseconds(numbers["throttled_time"] / 1000);
        }
    }

    /// <summary>The process gets all it wants again.</summary>
    public void Dispose()
    {
        if (!Directory.Exists(_folder))
        {
            return;
        }

        if (!_process.HasExited)
        {
            Write(Path.Combine(_parent, Processes), _process.Id.ToString(CultureInfo.InvariantCulture));
        }

        Directory.Delete(_folder);
    }

    private void Limit(int quotaUs)
    {
        string subtree = Path.Combine(_parent, "cgroup.subtree_control");
        if (File.Exists(subtree) && !File.ReadAllText(subtree).Split().Contains("cpu"))
        {
            Write(subtree, "+cpu");
        }

        Directory.CreateDirectory(_folder);
        if (File.Exists(PathOf("cpu.max")))
        {
            Write(PathOf("cpu.max"), string.Create(CultureInfo.InvariantCulture, $"{quotaUs} {PeriodUs}"));
        }
        else
        {
            Write(PathOf("cpu.cfs_period_us"), PeriodUs.ToString(CultureInfo.InvariantCulture));
            Write(PathOf("cpu.cfs_quota_us"), quotaUs.ToString(CultureInfo.InvariantCulture));
        }

        Write(PathOf(Processes), _process.Id.ToString(CultureInfo.InvariantCulture));
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>In one write, into a file that must be there: where there is none, nothing of it is created.</summary>
    private static void Write(string path, string text)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Write);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }
}
