using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Tests.Client;

/// <summary>What the client makes of a store that goes on in another epoch, with or without its newest events.</summary>
public class FailoverTests
{
    private static readonly ThreadId Thread = new("t1");
    private static readonly StreamId Stream = StreamId.Thread(Thread);

    [Fact]
    public async Task A_store_that_lost_nothing_is_not_noticed()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        await SeesAsync(hub, items, "e1", 1);
        hub.Failover("e2", 1);
        await SeesAsync(hub, items, "e2", 2);
        hub.Failover("e3", 2);
        hub.DropAll();
        await Wait.Until(() => hub.Calls("Subscribe") == 2 && hub.IsSubscribed(Stream));
        await SeesAsync(hub, items, "e3", 3);

        Assert.Equal("e2:2", hub.LastCall("Subscribe")[1]);
        Assert.Equal(0, client.Gaps);
    }

    [Fact]
    public async Task Two_subscribers_in_an_epoch_that_ended_are_both_told_what_is_no_longer_valid()
    {
        await using TestHub hub = await TestHub.StartAsync();
        foreach (int _ in Enumerable.Range(0, 20))
        {
            Append(hub);
        }

        await using AgentClient client = new(hub.Options());
        await using IAsyncEnumerator<StreamItem> level = client.SubscribeAsync(Thread, new StreamPosition("e1", 20)).GetAsyncEnumerator();
        Task<bool> next = level.MoveNextAsync().AsTask();
        await Wait.Until(() => hub.IsSubscribed(Stream));

        // The one behind stands at a position that is still valid, the other above it.
        hub.Failover("e2", 15);
        Append(hub);
        await using IAsyncEnumerator<StreamItem> behind = client.SubscribeAsync(Thread, new StreamPosition("e1", 10)).GetAsyncEnumerator();

        Assert.True(await next);
        Assert.Equal(("e2", 15L), (Assert.IsType<StreamItem.Reset>(level.Current).Epoch, Assert.IsType<StreamItem.Reset>(level.Current).LastValid));
        Assert.True(await level.MoveNextAsync());
        Assert.Equal(new StreamPosition("e2", 16), level.Current.Position);
        for (int seq = 11; seq <= 16; seq++)
        {
            Assert.True(await behind.MoveNextAsync());
            Assert.Equal(seq, Assert.IsType<AgentStreamEvent>(behind.Current).Position.Seq);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Acknowledged_events_that_were_rolled_back_are_published_again(bool told)
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        TaskCompletionSource<RolledBackEventArgs> rolledBack = new();
        client.RolledBack += (_, e) => rolledBack.TrySetResult(e);
        foreach (int i in Enumerable.Range(1, 5))
        {
            await client.PublishAsync(Thread, Note(i));
        }

        hub.Failover("e2", 3);
        if (told)
        {
            hub.Tell(StreamKind.Thread, nameof(ISessionClient.Reset), TestHub.Told(new StreamReset(Stream.ToString(), "e2", 3)));
            await rolledBack.Task;
        }

        await client.PublishAsync(Thread, Note(6));
        RolledBackEventArgs e = await rolledBack.Task;
        await Wait.Until(() => hub.Types(Stream).Length == 6);

        Assert.Equal((Stream, 2, "e2", 3L), (e.Stream, e.Count, e.Epoch, e.LastValid));
        Assert.Equal(
            told ? ["1", "2", "3", "4", "5", "6"] : ["1", "2", "3", "6", "4", "5"],
            Enumerable.Range(0, 6).Select(i => hub.Payload(Stream, i).GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_reset_that_concerns_a_subscription_publishes_nothing_again()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        await client.PublishAsync(Thread, Note(1));
        hub.Failover("e2", 1);
        hub.Tell(StreamKind.Thread, nameof(ISessionClient.Reset), TestHub.Told(new StreamReset(Stream.ToString(), "e2", 0)));
        await Wait.Until(() => hub.Calls("GetHistory") == 1);
        await client.PublishAsync(Thread, Note(2));

        Assert.Equal(1, hub.Calls("Publish") - 1);
        Assert.Equal(["status_update", "status_update"], hub.Types(Stream));
    }

    private static async Task SeesAsync(TestHub hub, IAsyncEnumerator<StreamItem> items, string epoch, long seq)
    {
        ValueTask<bool> next = items.MoveNextAsync();
        await Wait.Until(() => hub.IsSubscribed(Stream));
        Append(hub);
        Assert.True(await next);
        Assert.Equal(new StreamPosition(epoch, seq), Assert.IsType<AgentStreamEvent>(items.Current).Position);
    }

    private static void Append(TestHub hub) =>
        hub.Append(Stream, "status_update", JsonSerializer.SerializeToElement(new StatusUpdate("on"), ContractJson.Options));

    private static NewAgentEvent Note(int i) => new("status_update", JsonSerializer.SerializeToElement(new StatusUpdate($"{i}"), ContractJson.Options), $"evt_{i}");
}
