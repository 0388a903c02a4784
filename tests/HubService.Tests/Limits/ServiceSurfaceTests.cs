using System.Text.Json;
using HubService.Contracts;

namespace HubService.Tests.Limits;

/// <summary>What the service says about itself.</summary>
public class ServiceSurfaceTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task The_document_of_the_http_interface_lists_its_operations()
    {
        using HttpClient http = new() { BaseAddress = fixture.Host.Url };
        JsonElement document = JsonElement.Parse(await http.GetStringAsync("/openapi/v1.json"));
        string[] operations = [.. document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name} {p.Name}"))];
        foreach (string expected in new[]
        {
            "post /api/v1/threads/{id}/events", "get /api/v1/threads/{id}/events", "get /api/v1/threads/{id}/stream", "get /api/v1/threads", "post /api/v1/threads",
            "put /api/v1/threads/{id}/members/{subject}", "post /api/v1/projects/{id}/events", "post /api/v1/users/{id}/events", "get /api/projects/{id}/state",
            "post /api/projects/{id}/confirm", "post /api/v1/projects/{id}/commands", "get /api/v1/threads/{id}/presence", "get /api/v1/projects/{id}/presence",
        })
        {
            Assert.Contains(expected, operations);
        }
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/startup")]
    [InlineData("/health/ready")]
    public async Task A_healthy_node_says_so(string path)
    {
        using HttpClient http = new() { BaseAddress = fixture.Host.Url };
        Assert.Equal("ok", await http.GetStringAsync(path));
    }

    [Fact]
    public async Task The_counters_move()
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        await using RawHubClient client = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.WorkerTokenAsync());
        Assert.Null((await client.CallAsync("Subscribe", "counted")).Code());
        double published = await ReadAsync("hubservice_events_published_total"), refused = await ReadAsync("hubservice_requests_refused_total"), delivered = await ReadAsync("hubservice_events_delivered_total");
        await http.PublishAsync(new ThreadId("counted"), """{"type":"status_update","payload":{"status":"s"}}""");
        await http.PublishAsync(new ThreadId("counted"), "{}");
        await client.UntilAsync(m => m.Text("target") == "StatusUpdate");
        Assert.Equal(published + 1, await ReadAsync("hubservice_events_published_total"));
        Assert.Equal(refused + 1, await ReadAsync("hubservice_requests_refused_total"));
        Assert.Equal(delivered + 1, await ReadAsync("hubservice_events_delivered_total"));
        Assert.Equal(1, await ReadAsync("hubservice_subscriptions"));
        Assert.True(await ReadAsync("hubservice_connections") >= 1);

        async Task<double> ReadAsync(string name) => (await http.GetStringAsync("/metrics")).Split('\n')
            .Where(l => l.StartsWith(name, StringComparison.Ordinal) && !l.StartsWith('#') && l[name.Length] is '{' or ' ')
            .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }
}
