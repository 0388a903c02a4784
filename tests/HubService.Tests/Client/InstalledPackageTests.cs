using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using HubService.Tests.House;
using HubService.Tests.Sqlite;

namespace HubService.Tests.Client;

/// <summary>Packs the client packages, installs them in a project that has nothing else, and runs it against a service process.</summary>
public sealed class InstalledPackageTests(InstalledPackageTests.Packed packed) : IClassFixture<InstalledPackageTests.Packed>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly string[] Packages = ["HubService.Contracts", "HubService.Client", "HubService.Client.AI"];
    private static readonly string Version = typeof(HubService.Client.AgentClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
    private static readonly string Configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    /// <summary>A folder with the packed files, as they were built with these tests.</summary>
    public sealed class Packed : IAsyncLifetime
    {
        private readonly TempDirectory _directory = new();

        public string Folder => _directory.Path;

        public async ValueTask InitializeAsync()
        {
            foreach (string package in Packages)
            {
                await DotnetAsync(Repository.Root, "pack", $"src/{package}", "-c", Configuration, "--no-build", "-o", Folder);
            }
        }

        public ValueTask DisposeAsync()
        {
            _directory.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    [Theory]
    [InlineData("HubService.Contracts", "PROTOCOL.md", "")]
    [InlineData("HubService.Client", "README.md", "HubService.Contracts Microsoft.AspNetCore.SignalR.Client.Core Microsoft.Extensions.Hosting.Abstractions")]
    [InlineData("HubService.Client.AI", "README.md", "HubService.Client Microsoft.Extensions.AI.Abstractions")]
    public void A_package_says_what_it_is_and_holds_what_a_user_needs(string package, string readme, string dependencies)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(packed.Folder, $"{package}.{Version}.nupkg"));
        using Stream file = archive.GetEntry($"{package}.nuspec")!.Open();
        XElement about = XDocument.Load(file).Root!.Elements().Single();
        string Of(string name) => about.Elements().Single(e => e.Name.LocalName == name).Value;

        Assert.Equal((package, Version, readme), (Of("id"), Of("version"), Of("readme")));
        Assert.InRange(Of("description").Length, 60, 300);
        Assert.NotEmpty(Of("tags"));
        XElement[] needs = [.. about.Descendants().Where(e => e.Name.LocalName == "dependency")];
        Assert.Equal(dependencies, string.Join(' ', needs.Select(d => d.Attribute("id")!.Value).Order(StringComparer.Ordinal)));

        // A floor: an exact version would not let a user have a newer one.
        Assert.All(needs, d => Assert.Matches("^[0-9.]+$", d.Attribute("version")!.Value));
        Assert.DoesNotContain(about.Descendants(), e => e.Name.LocalName == "frameworkReference");
        Assert.All([readme, $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml"], f => Assert.NotNull(archive.GetEntry(f)));
        using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(packed.Folder, $"{package}.{Version}.snupkg"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{package}.pdb"));
    }

    [Fact]
    public async Task Installed_from_the_files_they_publish_subscribe_and_serve()
    {
        await using ServiceProcess service = await ServiceProcess.StartServiceAsync(new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development" });
        using TempDirectory project = new();
        foreach (string source in Directory.GetFiles(Path.Combine(Repository.Root, "tests/installed-client")))
        {
            File.Copy(source, Path.Combine(project.Path, Path.GetFileName(source)));
        }

        // What is installed goes into a folder of its own, so that a package of an earlier run is not taken; the others are where they always are.
        await DotnetAsync(
            project.Path,
            "build", "-c", "Release", "-o", "out", "-nodeReuse:false",
            $"-p:HubServiceVersion={Version}",
            $"-p:RestoreAdditionalProjectSources={packed.Folder}",
            $"-p:RestorePackagesPath={Path.Combine(project.Path, "packages")}",
            $"-p:RestoreFallbackFolders={await GlobalPackagesAsync()}",
            "-p:UseSharedCompilation=false");
        Assert.True(Directory.Exists(Path.Combine(project.Path, "packages/hubservice.client", Version)));

        string runtime = await File.ReadAllTextAsync(Path.Combine(project.Path, "out/installed-client.runtimeconfig.json"));
        Assert.DoesNotContain("Microsoft.AspNetCore.App", runtime, StringComparison.Ordinal);

        string output = await DotnetAsync(project.Path, "out/installed-client.dll", service.Url.ToString(), await service.TokenAsync("user", "publisher", "worker"));
        Assert.Equal(
            ["published 1", "received hello from a package", "answered is anybody there?"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static async Task<string> GlobalPackagesAsync() =>
        (await DotnetAsync(Repository.Root, "nuget", "locals", "global-packages", "--list", "--force-english-output")).Split(' ', 2)[1].Trim();

    /// <returns>What it wrote; a failure shows it.</returns>
    private static async Task<string> DotnetAsync(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }

        string written = $"{await output}{await errors}";
        Assert.True(process.ExitCode == 0, $"dotnet {arguments[0]} ended with {process.ExitCode}:\n{written}");
        return written;
    }
}
