using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace HubService.Tests.House;

/// <summary>A service that cannot start says why in one line, and nothing else that a person would have to read past.</summary>
public class StartFailureTests
{
    [Theory]
    [InlineData("Limits__MessageBurst", "0", "Limits: ")]
    [InlineData("Limits__MessageBurst", "many", "'Limits:MessageBurst'")]
    [InlineData("Agents__HttpLease", "00:00:00", "Agents: ")]
    [InlineData("Projects__CommandTimeout", "-00:00:01", "Projects: ")]
    [InlineData("Projects__DisconnectGrace", "-00:00:01", "DisconnectGrace are not negative")]
    [InlineData("Delivery__StallTimeout", "00:00:00", "Delivery: ")]
    [InlineData("Publishing__IdleAfter", "00:00:00", "Publishing: ")]
    [InlineData("Streams__TrimInterval", "00:00:00", "Streams: ")]
    [InlineData("Streams__Thread__Events", "-1", "Streams: ")]
    [InlineData("ASPNETCORE_URLS", "nonsense", "nonsense")]
    public async Task A_wrong_setting_is_one_sentence(string name, string value, string says) => await SaysAsync(says, (name, value));

    [Fact]
    public async Task A_port_that_is_taken_is_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        await SaysAsync("address already in use", ("ASPNETCORE_URLS", url));
    }

    private static async Task SaysAsync(string says, params (string Name, string Value)[] settings)
    {
        using Sqlite.TempDirectory directory = new();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "HubService.dll")])
        {
            WorkingDirectory = directory.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in (IEnumerable<(string, string)>)[("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. settings])
        {
            start.Environment[name] = value;
        }

        using Process service = Process.Start(start)!;
        Task<string> output = service.StandardOutput.ReadToEndAsync(), errors = service.StandardError.ReadToEndAsync();
        await service.WaitForExitAsync();
        string line = Assert.Single((await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("HubService cannot start: ", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", await output, StringComparison.Ordinal);
        Assert.InRange((await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 0, 2);
        Assert.NotEqual(0, service.ExitCode);
    }
}
