using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace HubService.Tests.House;

/// <summary>A program of this repository, started as the README says and as it was built with these tests: a process of its own, a free loopback port, an empty working directory.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly string _directory;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(string project, IReadOnlyDictionary<string, string> environment, bool launchProfile)
    {
        _directory = Directory.CreateTempSubdirectory("hubservice-").FullName;
        string configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = _directory, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["run", "--no-build", "-c", configuration, "--project", Path.Combine(Repository.Root, project), .. launchProfile ? Array.Empty<string>() : ["--no-launch-profile"], "--", "--urls", "http://127.0.0.1:0"])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || k.StartsWith("DOTNET_ENVIRONMENT", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Read(e.Data);
        _process.ErrorDataReceived += (_, e) => Read(e.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"{project} ended before it listened:\n{Output}"));
    }

    public Uri Url { get; private set; } = null!;

    public string Output => string.Join('\n', _output);

    public string WorkingDirectory => _directory;

    /// <param name="command"><c>dotnet run --project …</c>, as in the README; with no environment given it starts by its launch profile, as a person's does.</param>
    public static async Task<ServiceProcess> StartAsync(string command, IReadOnlyDictionary<string, string>? environment = null)
    {
        Match run = Command().Match(command);
        Assert.True(run.Success, $"'{command}' is not dotnet run --project …");
        var service = new ServiceProcess(run.Groups["project"].Value, environment ?? new Dictionary<string, string>(), environment is null);
        try
        {
            service._process.Start();
            service._process.BeginOutputReadLine();
            service._process.BeginErrorReadLine();
            service.Url = await service._listening.Task.WaitAsync(StartTimeout);
            return service;
        }
        catch (TimeoutException e)
        {
            string output = service.Output;
            await service.DisposeAsync();
            throw new TimeoutException($"It does not listen:\n{output}", e);
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (Listening().Match(line) is { Success: true } m)
        {
            _listening.TrySetResult(new Uri(m.Groups["url"].Value));
        }
    }

    [GeneratedRegex("^dotnet run --project (?<project>[\\w./-]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Command();

    [GeneratedRegex("Now listening on: (?<url>http://\\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
