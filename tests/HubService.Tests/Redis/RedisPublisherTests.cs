using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Projects;

namespace HubService.Tests.Redis;

/// <summary>The .NET client, a real node and a real Redis that forgets.</summary>
public sealed class RedisPublisherTests
{
    private static readonly ProjectId Project = new("p1");

    [Fact]
    public async Task What_Redis_lost_its_publisher_brings_back_without_being_asked()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ServiceProcess service = await ServiceProcess.StartServiceAsync(new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Streams__Store"] = "redis",
            ["Redis__Connection"] = redis.Connection,
        });
        await using ProjectClient client = new(new HubServiceClientOptions { Url = service.Url }.UseToken(await service.TokenAsync("user", "publisher")));
        TaskCompletionSource<RolledBackEventArgs> rolledBack = new();
        client.RolledBack += (_, e) => rolledBack.TrySetResult(e);
        await PublishAsync(client, "evt_1");
        await PublishAsync(client, "evt_2");
        await PublishAsync(client, "evt_3");

        await redis.RestartAsync();

        RolledBackEventArgs told = await rolledBack.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((StreamId.Project(Project), 3, 0L), (told.Stream, told.Count, told.LastValid));
        await PublishAsync(client, "evt_4");
        EventPage page = await client.GetHistoryAsync(Project, StreamPosition.Start);
        Assert.Equal(["evt_1", "evt_2", "evt_3", "evt_4"], page.Events.Select(e => e.GetProperty("event_id").GetString()));
    }

    private static Task<PublishResult> PublishAsync(ProjectClient client, string id) =>
        client.PublishAsync(Project, new NewProjectEvent("LOG_LINE", JsonSerializer.SerializeToElement(new { run_id = "system", level = "info", text = id }), id));
}
