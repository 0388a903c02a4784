using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;

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
        Assert.Equal((Stream, RecoveryReason.Joined, true, StreamPosition.Start, new StreamPosition("e1", 2), 2L), Told(joined));

        hub.DropAll();
        Append(hub, 3);
        await ReadAsync(items, 1);
        Assert.Equal((Stream, RecoveryReason.Reconnected, true, new StreamPosition("e1", 2), new StreamPosition("e1", 3), 1L), Told(await NextAsync()));

        hub.Failover("e2", 1);
        hub.DropAll();
        await ReadAsync(items, 1);
        Assert.IsType<StreamItem.Reset>(items.Current);
        Assert.Equal((Stream, RecoveryReason.Reconnected, false, new StreamPosition("e1", 3), new StreamPosition("e2", 1), 0L), Told(await NextAsync()));
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
        Assert.Equal((Stream, RecoveryReason.Joined, true, null, new StreamPosition("e1", 1), 0L), Told(joined));
    }

    [Fact]
    public async Task A_gap_and_a_slow_reader_are_reasons()
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
        Assert.Equal(RecoveryReason.SlowReader, (await NextAsync()).Reason);
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

    /// <summary>Whoever waited for the first connection waited for ever when the client was disposed of before.</summary>
    [Fact]
    public async Task Disposing_a_client_that_never_connected_settles_what_waits()
    {
        AgentClient client = new(new HubServiceClientOptions { Url = new Uri("http://127.0.0.1:9"), ConnectedWithin = Timeout.InfiniteTimeSpan });
        Task connecting = client.ConnectAsync();
        Task pinging = client.PingAsync();
        Task publishing = client.PublishAsync(Thread, new StatusUpdate("never"));
        await client.DisposeAsync();
        foreach (Task task in new[] { connecting, pinging, publishing })
        {
            Assert.Equal(ClientErrorCodes.NotConnected, (await Assert.ThrowsAsync<HubClientException>(() => task)).Code);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ConnectAsync());
    }

    [Fact]
    public async Task An_attempt_that_nobody_answers_is_given_up_and_repeated()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        SteppedClock clock = new();
        await using AgentClient client = new(new HubServiceClientOptions
        {
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"),
            TimeProvider = clock,
            Retry = new RetryPolicy(TimeSpan.Zero, TimeSpan.Zero),
        });
        TaskCompletionSource<Exception?> failed = new();
        client.StateChanged += (_, change) => _ = change.Error is not null && failed.TrySetResult(change.Error);
        _ = client.ConnectAsync();
        using Socket first = await silent.AcceptSocketAsync();
        clock.Advance(TimeSpan.FromSeconds(15));
        Assert.IsType<TimeoutException>(await failed.Task);
        using Socket second = await silent.AcceptSocketAsync();
        Assert.Equal(ConnectionState.Connecting, client.State);
    }

    [Fact]
    public async Task A_token_source_that_never_answers_does_not_keep_a_client_from_being_disposed()
    {
        TaskCompletionSource asked = new();
        AgentClient client = new(new HubServiceClientOptions
        {
            Url = new Uri("http://127.0.0.1:9"),
            AccessToken = async (_, _) =>
            {
                asked.SetResult();
                await new TaskCompletionSource().Task;
                return null;
            },
        });
        Task connecting = client.ConnectAsync();
        await asked.Task;
        await client.DisposeAsync();
        Assert.Equal(ClientErrorCodes.NotConnected, (await Assert.ThrowsAsync<HubClientException>(() => connecting)).Code);
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
