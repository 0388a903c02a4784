using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using HubService.Tests.Sqlite;

namespace HubService.Cluster.Tests.Rig;

/// <summary>A node as a process of its own, on a port and in a directory that it keeps: it can be killed, told to stop, frozen, started again.</summary>
internal sealed class HubNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = WithTimeout(TimeSpan.FromSeconds(5));

    private readonly TempDirectory _directory = new();
    private readonly ConcurrentQueue<string> _output = new();
    private readonly IReadOnlyList<(string Name, string Value)> _settings;
    private readonly string _program;
    private readonly NetNamespace? _network;
    private Process? _process;

    private HubNode(string name, IEnumerable<(string Name, string Value)> settings, NetNamespace? network, string? program)
    {
        Name = name;
        _network = network;
        _program = program ?? Path.Combine(AppContext.BaseDirectory, "HubService.dll");
        Url = new Uri($"http://{network?.Address ?? "127.0.0.1"}:{Ports.Free()}");
        _settings = [.. HubToken.Settings, ("Cluster:Name", name), ("Delivery:DrainTime", "00:00:03"), .. settings];
    }

    public string Name { get; }

    /// <summary>The same after every start.</summary>
    public Uri Url { get; }

    /// <summary>What it logged.</summary>
    public string Output => string.Join('\n', _output);

    public Process Process => _process ?? throw new InvalidOperationException($"Node {Name} does not run.");

    /// <param name="settings">Configuration, e.g. <c>("Streams:Store", "redis")</c>.</param>
    /// <param name="network">Where it runs, if not in the network of the machine.</param>
    /// <param name="program">Another build of the service.</param>
    public static async Task<HubNode> StartAsync(string name, IEnumerable<(string Name, string Value)> settings, NetNamespace? network = null, string? program = null)
    {
        var node = new HubNode(name, settings, network, program);
        try
        {
            await node.StartAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when it answers.</summary>
    public async Task StartAsync()
    {
        string[] command = ["dotnet", _program, "--urls", Url.GetLeftPart(UriPartial.Authority), .. _settings.SelectMany(s => new[] { $"--{s.Name}", s.Value })];
        IReadOnlyList<string> started = _network?.Within(command) ?? command;
        var start = new ProcessStartInfo(started[0], started.Skip(1)) { WorkingDirectory = _directory.Path, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || k.StartsWith("DOTNET_ENVIRONMENT", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        start.Environment["Logging__LogLevel__Default"] = "Warning";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Read(e.Data);
        _process.ErrorDataReceived += (_, e) => Read(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Process process = _process;
        long began = Stopwatch.GetTimestamp();
        while (!await AnswersAsync("/health/startup"))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > StartLimit)
            {
                throw new InvalidOperationException($"Node {Name} does not start:\n{Output}");
            }

            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(20));
        }
    }

    public Task<bool> IsReadyAsync() => AnswersAsync("/health/ready");

    /// <summary>What it reports at /metrics under a name: the sum of all lines, or of those with a label.</summary>
    public async Task<double> MetricAsync(string name, string label = "") =>
        (await Http.GetStringAsync(new Uri(Url, "/metrics"))).Split('\n')
            .Where(l => (l.StartsWith($"{name} ", StringComparison.Ordinal) || l.StartsWith($"{name}{{", StringComparison.Ordinal)) && l.Contains(label, StringComparison.Ordinal))
            .Sum(l => double.Parse(l.AsSpan(l.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>SIGTERM; returns how it ended, and when.</summary>
    public async Task<(int ExitCode, TimeSpan After)> TerminateAsync()
    {
        Process process = Process;
        long began = Stopwatch.GetTimestamp();
        Signals.Send(process, "TERM");
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        _process = null;
        using (process)
        {
            return (process.ExitCode, Stopwatch.GetElapsedTime(began));
        }
    }

    /// <summary>SIGSTOP: its connections stay open, and nothing is answered.</summary>
    public void Freeze() => Signals.Send(Process, "STOP");

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signals.Send(Process, "CONT");

    /// <summary>Resident memory in bytes.</summary>
    public long Memory => Status("VmRSS:") * 1024;

    public long Threads => Status("Threads:");

    public int Handles => Directory.GetFileSystemEntries($"/proc/{Process.Id}/fd").Length;

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    private long Status(string name) =>
        long.Parse(File.ReadLines($"/proc/{Process.Id}/status").First(l => l.StartsWith(name, StringComparison.Ordinal)).AsSpan(name.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);

    private static HttpClient WithTimeout(TimeSpan timeout)
    {
        HttpClient http = DirectHttp.To();
        http.Timeout = timeout;
        return http;
    }

    private async Task<bool> AnswersAsync(string path)
    {
        try
        {
            using HttpResponseMessage answer = await Http.GetAsync(new Uri(Url, path));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Read(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}
