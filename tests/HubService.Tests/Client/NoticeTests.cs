using System.Collections.Concurrent;
using System.Text.Json;
using HubService.Client;
using HubService.Contracts;

namespace HubService.Tests.Client;

/// <summary>What a client tells of its connection and its subscriptions.</summary>
public class NoticeTests
{
    private static readonly ThreadId Thread = new("thread_1");
    private static readonly StreamId Stream = StreamId.Thread(Thread);

    private readonly ConcurrentQueue<RecoveryEventArgs> _recoveries = new();

    [Fact]
    public async Task Each_subscription_says_what_became_of_the_position()
    {
        await using TestHub hub = await TestHub.StartAsync();
        Append(hub, 1);
        Append(hub, 2);
        await using AgentClient client = NewClient(hub);
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        await ReadAsync(items, 2);
        RecoveryEventArgs joined = await NextAsync();
        Assert.Equal((Stream, RecoveryReason.Subscribed, true, StreamPosition.Start, new StreamPosition("e1", 2), 2L), Told(joined));

        hub.DropAll();
        Append(hub, 3);
        await ReadAsync(items, 1);
        Assert.Equal((Stream, RecoveryReason.Resumed, true, new StreamPosition("e1", 2), new StreamPosition("e1", 3), 1L), Told(await NextAsync()));

        hub.Failover("e2", 1);
        hub.DropAll();
        await ReadAsync(items, 1);
        Assert.IsType<StreamItem.Reset>(items.Current);
        Assert.Equal((Stream, RecoveryReason.Resumed, false, new StreamPosition("e1", 3), new StreamPosition("e2", 1), 0L), Told(await NextAsync()));
    }

    [Fact]
    public async Task Who_wants_only_what_comes_from_now_on_has_missed_nothing()
    {
        await using TestHub hub = await TestHub.StartAsync();
        Append(hub, 1);
        await using AgentClient client = NewClient(hub);
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread).GetAsyncEnumerator();
        Task<bool> next = items.MoveNextAsync().AsTask();
        RecoveryEventArgs joined = await NextAsync();
        Append(hub, 2);
        Assert.True(await next);
        Assert.Equal((Stream, RecoveryReason.Subscribed, true, null, new StreamPosition("e1", 1), 0L), Told(joined));
    }

    [Fact]
    public async Task A_gap_and_a_slow_subscriber_are_reasons()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = NewClient(hub, buffered: 4);
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        Append(hub, 1);
        await ReadAsync(items, 1);
        await NextAsync();
        await client.PingAsync();
        hub.Lost.Add(2);
        Append(hub, 2);
        Append(hub, 3);
        await ReadAsync(items, 2);
        Assert.Equal((Stream, RecoveryReason.Gap, true, new StreamPosition("e1", 1), new StreamPosition("e1", 3), 2L), Told(await NextAsync()));

        for (int i = 4; i <= 20; i++)
        {
            Append(hub, i);
        }

        await Wait.Until(() => hub.Calls("Unsubscribe") > 0);
        await ReadAsync(items, 17);
        Assert.Equal(RecoveryReason.SlowSubscriber, (await NextAsync()).Reason);
    }

    [Fact]
    public async Task A_handler_that_throws_harms_neither_the_connection_nor_the_next_handler()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        ConcurrentQueue<ConnectionState> seen = new();
        client.StateChanged += (_, _) => throw new InvalidOperationException("a bug of the application");
        client.StateChanged += (_, change) => seen.Enqueue(change.State);
        client.Recovery += (_, _) => throw new InvalidOperationException("another one");
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        Append(hub, 1);
        await ReadAsync(items, 1);
        Assert.Equal([ConnectionState.Connecting, ConnectionState.Connected], seen);
    }

    [Fact]
    public async Task A_change_says_what_was_before_and_when_the_next_attempt_comes()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        ConcurrentQueue<ConnectionChangedEventArgs> seen = new();
        client.StateChanged += (_, change) => seen.Enqueue(change);
        await client.PingAsync();
        hub.DropAll();
        await Wait.Until(() => seen.Count(c => c.State == ConnectionState.Connected) == 2);
        ConnectionChangedEventArgs lost = seen.Single(c => c is { Previous: ConnectionState.Connected, State: ConnectionState.Reconnecting });
        Assert.InRange(lost.RetryIn!.Value, TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        Assert.Equal([ConnectionState.Idle, ConnectionState.Connecting], seen.Take(2).Select(c => c.Previous));
        Assert.Null(seen.ElementAt(1).RetryIn);
    }

    [Fact]
    public async Task A_hub_that_stops_is_told()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        TaskCompletionSource<TimeSpan> told = new();
        client.Draining += (_, e) => told.TrySetResult(e.ReconnectWithin);
        await client.PingAsync();
        hub.Tell(StreamKind.Thread, "ServerDraining", new SessionEvent<ServerDraining>(1, "server_draining", "evt_1", default, new ServerDraining(250)));
        Assert.Equal(TimeSpan.FromMilliseconds(250), await told.Task);
    }

    private static (StreamId, RecoveryReason, bool, StreamPosition?, StreamPosition, long) Told(RecoveryEventArgs e) =>
        (e.Stream, e.Reason, e.Recovered, e.From, e.To, e.Replayed);

    private static async Task ReadAsync(IAsyncEnumerator<StreamItem> items, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(await items.MoveNextAsync());
        }
    }

    private static void Append(TestHub hub, int number) =>
        hub.Append(Stream, "status_update", JsonSerializer.SerializeToElement(new { status = $"{number}" }));

    private AgentClient NewClient(TestHub hub, int buffered = 256)
    {
        HubServiceClientOptions options = hub.Options();
        options.BufferedEvents = buffered;
        AgentClient client = new(options);
        client.Recovery += (_, e) => _recoveries.Enqueue(e);
        return client;
    }

    private async Task<RecoveryEventArgs> NextAsync()
    {
        await Wait.Until(() => !_recoveries.IsEmpty);
        Assert.True(_recoveries.TryDequeue(out RecoveryEventArgs? next));
        return next;
    }
}
