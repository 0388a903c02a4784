using System.Text.Json;
using HubService.Contracts;
using HubService.Delivery;

namespace HubService.Tests.Agents;

/// <summary>A node that stops sends on whoever wants to begin something, and lets the rest end.</summary>
public class DrainTests
{
    [Fact]
    public async Task While_draining_nothing_new_begins_and_the_rest_goes_on()
    {
        await using HubHost host = await HubHost.StartAsync(("Delivery:DrainTime", "00:10:00"));
        string token = await host.WorkerTokenAsync();
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, token);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        await using RawHubClient project = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"), "project");
        await using RawHubClient late = await RawHubClient.OpenAsync(host, token);
        using HttpClient http = await host.WorkerHttpAsync();
        await user.CallAsync("Ping", 1);
        await project.CallAsync("Ping", 1);
        await worker.CallAsync("Ping", 1);
        Task drained = host.Services.GetRequiredService<Drain>().RunAsync();

        JsonElement told = (await user.UntilAsync(m => m.Text("target") == "ServerDraining")).GetProperty("arguments")[0];
        Assert.True(told.GetProperty("payload").GetProperty("reconnect_within_ms").GetInt32() > 0);
        Assert.Equal("draining", (await user.CallAsync("SendMessage", new { text = "t" })).Code());
        Assert.Equal("draining", (await user.CallAsync("StartAgent", new { user_request = "t" })).Code());
        Assert.Equal("draining", (await user.CallAsync("Subscribe", "t")).Code());
        Assert.Equal("draining", (await project.CallAsync("Confirm", "p")).Code());
        JsonElement refused = await worker.CallRawAsync("Publish", """["t",{"type":"status_update","payload":{"status":"s"}}]""");
        Assert.Equal(("draining", "true"), (refused.Code(), refused.Text("error", "retryable")));
        Assert.Equal("draining", (await http.PublishAsync(new ThreadId("t"), """{"type":"status_update","payload":{"status":"s"}}""")).Code());
        Assert.Equal("draining", (await http.GetAsync("/api/v1/threads/t/stream").ReadAsync()).Code());
        using HttpResponseMessage ready = await http.GetAsync("/health/ready");
        Assert.Equal((System.Net.HttpStatusCode.ServiceUnavailable, "draining"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        Assert.Equal("ok", await http.GetStringAsync("/health/live"));
        await late.GreetAsync();
        JsonElement closed = await late.UntilAsync(m => m.Text("type") == "7");
        Assert.Contains("draining", closed.Text("error"), StringComparison.Ordinal);
        Assert.Equal("true", closed.Text("allowReconnect"));
        Assert.Equal("draining", (await http.PostAsync("/hubs/agent/negotiate?negotiateVersion=1", null).ReadAsync()).Code());
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => RawHubClient.OpenAsync(host, token));

        Assert.Equal(7, (await user.CallAsync("Ping", 7)).GetProperty("ts").GetInt64());
        Assert.Null((await user.CallAsync("ListThreads")).Code());
        Assert.Empty(await http.EventsAsync(new ThreadId("t")));
        await Task.WhenAll(late.DisposeAsync().AsTask(), worker.DisposeAsync().AsTask(), user.DisposeAsync().AsTask(), project.DisposeAsync().AsTask());
        await drained;
    }
}
