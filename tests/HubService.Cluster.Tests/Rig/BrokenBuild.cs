using System.Diagnostics;
using HubService.Tests.House;
using HubService.Tests.Sqlite;

namespace HubService.Cluster.Tests.Rig;

/// <summary>The service as it is when built with <c>-p:SkipCatchUp=true</c>: nodes skip what they missed. Built once, into a folder of its own.</summary>
public sealed class BrokenBuild : IAsyncLifetime
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(5);

    private readonly TempDirectory _directory = new();

    internal string Program => Path.Combine(_directory.Path, "bin", "HubService", "release", "HubService.dll");

    public async ValueTask InitializeAsync()
    {
        string[] arguments =
        [
            "build", Path.Combine(Repository.Root, "src", "HubService", "HubService.csproj"), "-c", "Release", "-v", "quiet", "--artifacts-path", _directory.Path,
            "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false", "-p:SkipInspector=true", "-p:SkipCatchUp=true",
        ];
        using Process build = Process.Start(new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        string output = await build.StandardOutput.ReadToEndAsync().WaitAsync(BuildLimit);
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, output);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
