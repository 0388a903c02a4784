using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using HubService.Tests.Client;
using HubService.Tests.House;
using HubService.Tests.Sqlite;

namespace HubService.Tests.Samples.LoadBalanced;

/// <summary>The README's command for two nodes as it stands there, with the service that was built with these tests and data in a directory of its own.</summary>
internal sealed partial class BalancedScript : IAsyncDisposable
{
    private static readonly string[] Servers = ["redis-server", "nginx", "curl"];

    private readonly TempDirectory _directory = new();
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private BalancedScript()
    {
        string[] command = Readme.Block("balanced").Split(' ');
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HUBSERVICE_DLL"] = Path.Combine(AppContext.BaseDirectory, "HubService.dll");
        start.Environment["HUB_DATA"] = _directory.Path;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => _output.Enqueue(e.Data ?? "");
        _process.ErrorDataReceived += (_, e) => _output.Enqueue(e.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where nginx listens.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Node a, node b, Redis: where they are, and their process ids.</summary>
    public IReadOnlyList<(string Address, int Pid)> Processes { get; private set; } = [];

    private string Output => string.Join('\n', _output);

    public static async Task<BalancedScript> StartAsync()
    {
        string[] missing = [.. Servers.Where(s => !Directory.GetFiles("/usr/bin", s).Concat(Directory.GetFiles("/usr/sbin", s)).Any())];
        Assert.SkipUnless(missing.Length == 0, $"Not installed: {string.Join(", ", missing)}.");
        BalancedScript script = new();
        await Wait.Until(() => script._process.HasExited ? throw new InvalidOperationException(script.Output) : script.Output.Contains("Ctrl-C", StringComparison.Ordinal));
        script.Url = new Uri(NginxLine().Match(script.Output).Groups["url"].Value);
        script.Processes = [.. ProcessLine().Matches(script.Output).Select(m => (m.Groups["at"].Value, int.Parse(m.Groups["pid"].Value, CultureInfo.InvariantCulture)))];
        return script;
    }

    /// <summary>What Ctrl-C in a terminal and a process manager do.</summary>
    public async Task<int> StopAsync()
    {
        Signal("TERM", _process.Id);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return _process.ExitCode;
    }

    public static void Signal(string name, int pid)
    {
        using Process kill = Process.Start("kill", [$"-{name}", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await StopAsync();
        }

        _process.Dispose();
        _directory.Dispose();
    }

    [GeneratedRegex(@"^(?<url>http://localhost:\d+) .*nginx", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex NginxLine();

    [GeneratedRegex(@"^  (node a|node b|redis) +(?<at>\S+) +pid (?<pid>\d+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex ProcessLine();
}
