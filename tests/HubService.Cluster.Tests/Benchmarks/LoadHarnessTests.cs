using System.Diagnostics;
using System.Text.Json;
using HubService.Tests.House;
using HubService.Tests.Sqlite;

namespace HubService.Cluster.Tests.Benchmarks;

/// <summary>The load harness still measures: it is run as the README says, with a tenth of everything.</summary>
public sealed class LoadHarnessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_quick_run_delivers_every_event_of_both_servers()
    {
        string command = Readme.Block("load", "tests/HubService.Benchmarks/README.md");
        const string Start = "dotnet run -c Release --project tests/HubService.Benchmarks -- ";
        Assert.StartsWith(Start, command, StringComparison.Ordinal);

        // What comes later holds.
        (int code, string output) = await RunAsync([.. command[Start.Length..].Split(' '), "--quick", "--scale", "0.1", "--server-warm-up", "0.5", "--seconds", "1", "--max-other", "1000", "--scenarios", "A500", "--out", _directory.Path]);
        Assert.True(code == 0, output);
        using JsonDocument kept = JsonDocument.Parse(await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(_directory.Path, "*.json")), TestContext.Current.CancellationToken));
        JsonElement[] rows = [.. kept.RootElement.GetProperty("Rows").EnumerateArray()];
        Assert.Equal(["bare", "hub"], rows.Select(r => r.GetProperty("Server").GetString()!));
        Assert.All(rows, row =>
        {
            JsonElement figures = row.GetProperty("Figures");
            Assert.All(["lost", "gaps", "duplicates", "refused", "closed"], name => Assert.Equal(0, figures.GetProperty(name).GetDouble()));
            Assert.True(figures.GetProperty("deliveries_per_s").GetDouble() > 0, output);
            Assert.True(figures.GetProperty("cpu_us").GetDouble() > 0, output);
        });
        Assert.Contains("CPU µs/delivery: ratio to bare", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_scenario_is_named_with_those_that_there_are()
    {
        (int code, string output) = await RunAsync("load", "--scenarios", "Z1");
        Assert.Equal(2, code);
        Assert.Contains("There is no scenario Z1", output, StringComparison.Ordinal);
        Assert.Contains("A500", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        string configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        string program = Path.Combine(Repository.Root, "tests", "HubService.Benchmarks", "bin", configuration, "net10.0", "HubService.Benchmarks.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Limit);
            return (process.ExitCode, $"{await output}\n{await errors}");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
