using System.Globalization;
using System.Reflection;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Tests.Client;

/// <summary>What waits to be published is bounded, over all streams of a client.</summary>
public class BoundedPublishTests
{
    private static readonly ThreadId Thread = new("thread_1");

    [Fact]
    public async Task One_event_too_many_is_refused_at_once_and_the_others_are_published()
    {
        await using TestHub hub = await TestHub.StartAsync();
        TaskCompletionSource go = hub.Hold();
        HubServiceClientOptions options = hub.Options();
        options.QueuedEvents = 3;
        await using AgentClient client = new(options);
        Task<PublishResult>[] taken = [.. Enumerable.Range(1, 3).Select(i => client.PublishAsync(new ThreadId($"thread_{i}"), new StatusUpdate($"{i}")))];
        HubClientException full = await Assert.ThrowsAsync<HubClientException>(() => client.PublishAsync(Thread, new StatusUpdate("4")));
        Assert.Equal((ClientErrorCodes.QueueFull, true), (full.Code, full.Retryable));
        go.SetResult();
        await Task.WhenAll(taken);
        await client.PublishAsync(Thread, new StatusUpdate("5"));
        Assert.Equal(["1", "5"], Enumerable.Range(0, 2).Select(i => hub.Payload(StreamId.Thread(Thread), i).GetProperty("status").GetString()!));
    }

    [Fact]
    public async Task Bytes_count_too()
    {
        await using TestHub hub = await TestHub.StartAsync();
        TaskCompletionSource go = hub.Hold();
        HubServiceClientOptions options = hub.Options();
        options.QueuedBytes = 10_000;
        await using AgentClient client = new(options);
        Task<PublishResult> large = client.PublishAsync(Thread, new StatusUpdate(new string('x', 10_000)));
        Assert.Equal(ClientErrorCodes.QueueFull, (await Assert.ThrowsAsync<HubClientException>(() => client.PublishAsync(Thread, new StatusUpdate("small")))).Code);
        go.SetResult();
        await large;
        await client.PublishAsync(Thread, new StatusUpdate("small"));
    }

    // The hub ends a connection that sends more than it reads; the client sent the event again and again until its time was over.
    [Fact]
    public async Task What_no_hub_takes_is_refused_before_it_is_sent()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        HubClientException refused = await Assert.ThrowsAsync<HubClientException>(() => client.PublishAsync(Thread, new StatusUpdate(new string('x', 1_200_000))));
        Assert.Equal((ErrorCodes.PayloadTooLarge, false), (refused.Code, refused.Retryable));
        await client.PublishAsync(Thread, new StatusUpdate("small"));
        Assert.Equal("small", hub.Payload(StreamId.Thread(Thread), 0).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_run_is_closed_however_much_waits()
    {
        await using TestHub hub = await TestHub.StartAsync();
        HubServiceClientOptions options = hub.Options();
        options.QueuedEvents = 2;
        await using AgentClient client = new(options);
        AgentRun run = await client.StartRunAsync(Thread, "guide");
        TaskCompletionSource go = hub.Hold();
        Task tool = run.ToolAsync("search", null, _ => Task.FromResult(1));
        Task thought = run.ThinkAsync("hm");
        HubClientException full = await Assert.ThrowsAsync<HubClientException>(() => run.ThinkAsync("one too many"));
        Task completed = run.CompleteAsync();
        go.SetResult();
        await Task.WhenAll(tool, thought, completed);
        Assert.Equal(ClientErrorCodes.QueueFull, full.Code);
        Assert.Equal(
            ["agent_started", "tool_executing", "agent_thinking", "tool_completed", "agent_completed"], hub.Types(StreamId.Thread(Thread)));
    }

    [Theory]
    [InlineData(nameof(HubServiceClientOptions.QueuedEvents))]
    [InlineData(nameof(HubServiceClientOptions.QueuedBytes))]
    [InlineData(nameof(HubServiceClientOptions.BufferedEvents))]
    public void An_option_out_of_range_is_named(string option)
    {
        HubServiceClientOptions options = new() { Url = new Uri("http://127.0.0.1") };
        PropertyInfo property = typeof(HubServiceClientOptions).GetProperty(option)!;
        property.SetValue(options, Convert.ChangeType(0, property.PropertyType, CultureInfo.InvariantCulture));
        Assert.Contains(option, Assert.Throws<InvalidOperationException>(() => new AgentClient(options)).Message, StringComparison.Ordinal);
    }
}
