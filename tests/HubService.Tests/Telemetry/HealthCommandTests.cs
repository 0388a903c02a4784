using HubService.Telemetry;

namespace HubService.Tests.Telemetry;

[Collection(RecordedSpans.Name)]
public class HealthCommandTests
{
    [Fact]
    public async Task It_exits_0_when_the_service_lives()
    {
        await using TelemetryHost host = await TelemetryHost.StartAsync();

        Assert.Equal(0, await HealthCommand.RunAsync(["health", "--url", new Uri(host.Address, "/health/live").ToString()]));
        Assert.Equal(0, await HealthCommand.RunAsync(["health"], n => n == "ASPNETCORE_HTTP_PORTS" ? $"{host.Address.Port}" : null));
    }

    [Fact]
    public async Task It_exits_1_when_the_service_is_sick_or_gone()
    {
        await using TelemetryHost host = await TelemetryHost.StartAsync();

        Assert.Equal(1, await HealthCommand.RunAsync(["health", "--url", new Uri(host.Address, "/sick").ToString()]));
        Assert.Equal(1, await HealthCommand.RunAsync(["health", "--url", "http://127.0.0.1:1/health/live"]));
        Assert.Equal(1, await HealthCommand.RunAsync(["health", "--url", "nonsense"]));
    }

    [Theory]
    [InlineData("http://+:8080", null, 8080)]
    [InlineData("https://+:8443;http://*:9000/", "8080", 9000)]
    [InlineData(null, "8080;8081", 8080)]
    [InlineData(null, null, 5000)]
    public void It_asks_the_port_that_the_service_listens_on(string? urls, string? ports, int expected) =>
        Assert.Equal(
            $"http://127.0.0.1:{expected}/health/live",
            HealthCommand.DefaultUrl(n => n switch { "ASPNETCORE_URLS" => urls, "ASPNETCORE_HTTP_PORTS" => ports, _ => null }));
}
