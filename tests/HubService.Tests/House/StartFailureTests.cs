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
    [InlineData("Delivery__OutboxMesages", "5", "OutboxMesages")]
    [InlineData("Streams__Thread__Evnts", "5", "Evnts")]
    [InlineData("Projects__Confrm", "strict", "Projects holds an option")]
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
        var environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" };
        foreach ((string name, string value) in settings)
        {
            environment[name] = value;
        }

        (int exitCode, string output, string errors) = await ServiceProcess.RunServiceAsync(environment);
        string line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("HubService cannot start: ", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);

        // Where the log was opened before the start failed, the framework says that it shuts down.
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.Matches("Microsoft.Hosting.Lifetime|shutting down", l));
        Assert.NotEqual(0, exitCode);
    }
}
