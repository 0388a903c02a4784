using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using HubService.Tests.House;
using HubService.Tests.Sqlite;

namespace HubService.Tests;

/// <summary>A program of this repository as it was built with these tests: a process of its own, a free loopback port, a working directory that is empty at first.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private readonly TempDirectory _directory = new();
    private readonly string[] _command;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly ConcurrentQueue<string> _output = new();
    private TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    private ServiceProcess(string[] command, IReadOnlyDictionary<string, string> environment)
    {
        _command = command;
        _environment = environment;
    }

    /// <summary>The same after every start.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Completes when the process listens, at once when it does.</summary>
    public Task Listening => _listening.Task;

    public string Output => string.Join('\n', _output);

    public string WorkingDirectory => _directory.Path;

    /// <param name="command"><c>dotnet run --project …</c>, as in the README; with no environment given it starts by its launch profile, as a person's does.</param>
    public static Task<ServiceProcess> StartReadmeCommandAsync(string command, IReadOnlyDictionary<string, string>? environment = null)
    {
        Match run = Command().Match(command);
        Assert.True(run.Success, $"'{command}' is not dotnet run --project …");
        string configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        string[] profile = environment is null ? [] : ["--no-launch-profile"];
        return CreateAsync(["run", "--no-build", "-c", configuration, "--project", Path.Combine(Repository.Root, run.Groups["project"].Value), .. profile, "--"], environment ?? new Dictionary<string, string>());
    }

    /// <summary>The service itself, with nothing between it and a kill.</summary>
    public static Task<ServiceProcess> StartServiceAsync(IReadOnlyDictionary<string, string> environment) =>
        CreateAsync([Path.Combine(AppContext.BaseDirectory, "HubService.dll")], environment);

    /// <summary>Runs the service until it ends by itself; one that goes on is killed, and a failure.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunServiceAsync(IReadOnlyDictionary<string, string> environment)
    {
        using Sqlite.TempDirectory directory = new();
        using Process process = Process.Start(StartInfo([Path.Combine(AppContext.BaseDirectory, "HubService.dll")], directory.Path, environment))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(StartTimeout);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"It goes on:\n{await output}");
        }

        return (process.ExitCode, await output, await errors);
    }

    /// <summary>A token for all threads and projects, as a service in development hands it out.</summary>
    public async Task<string> TokenAsync(params string[] roles)
    {
        using HttpClient http = new() { BaseAddress = Url };
        using HttpResponseMessage answer = await http.PostAsJsonAsync("/api/dev/token", new { subject = roles[0], roles, streams = new[] { "thread:*", "project:*" } });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    /// <summary>kill -9, and a start with what the working directory holds by then.</summary>
    public async Task KillAndStartAsync()
    {
        _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await KillAsync();
        await LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    private static async Task<ServiceProcess> CreateAsync(string[] command, IReadOnlyDictionary<string, string> environment)
    {
        var service = new ServiceProcess(command, environment);
        try
        {
            await service.LaunchAsync();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    private async Task LaunchAsync()
    {
        ProcessStartInfo start = StartInfo([.. _command, "--urls", Url.GetLeftPart(UriPartial.Authority)], _directory.Path, _environment);
        TaskCompletionSource<Uri> listening = _listening;
        Process process = _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Read(e.Data, listening);
        _process.ErrorDataReceived += (_, e) => Read(e.Data, listening);
        _process.Exited += (_, _) => _ = EndedAsync(process, listening);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            Url = await listening.Task.WaitAsync(StartTimeout);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"It does not listen:\n{Output}", e);
        }
    }

    /// <summary>How to start dotnet in that directory, with none of this process's own hosting variables.</summary>
    private static ProcessStartInfo StartInfo(string[] command, string directory, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", command)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || k.StartsWith("DOTNET_ENVIRONMENT", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Waits for its last words too: it may have ended before they were read.</summary>
    private async Task EndedAsync(Process process, TaskCompletionSource<Uri> listening)
    {
        await process.WaitForExitAsync();
        listening.TrySetException(new InvalidOperationException($"It ended before it listened:\n{Output}"));
    }

    private async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private void Read(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (Address().Match(line) is { Success: true } m)
        {
            listening.TrySetResult(new Uri(m.Groups["url"].Value));
        }
    }

    [GeneratedRegex("^dotnet run --project (?<project>[\\w./-]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Command();

    [GeneratedRegex("Now listening on: (?<url>http://\\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();
}
