using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Tests.Client;

public class ConnectionTests
{
    private static readonly ThreadId Thread = new("thread_1");
    private static readonly StreamId Stream = StreamId.Thread(Thread);

    [Fact]
    public async Task A_subscription_survives_drops_without_a_gap_or_a_duplicate()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        for (int i = 1; i <= 200; i++)
        {
            Append(hub, i);
            if (i % 40 == 0)
            {
                Assert.True(await items.MoveNextAsync());
                hub.DropAll();
            }
            else
            {
                Assert.True(await items.MoveNextAsync());
            }

            Assert.Equal(i, items.Current.Position.Seq);
        }

        Assert.Equal(0, client.Gaps);
    }

    [Fact]
    public async Task Without_a_position_only_what_comes_from_now_on_is_seen_also_after_a_drop_before_the_first_event()
    {
        await using TestHub hub = await TestHub.StartAsync();
        Append(hub, 1);
        await using AgentClient client = new(hub.Options());
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread).GetAsyncEnumerator();
        Task<bool> next = items.MoveNextAsync().AsTask();
        await Wait.Until(() => hub.IsSubscribed(Stream));
        await client.PingAsync();
        hub.DropAll();
        Append(hub, 2);
        Assert.True(await next);
        Assert.Equal(2, items.Current.Position.Seq);
        Assert.IsType<StatusUpdate>(Assert.IsType<AgentStreamEvent>(items.Current).Payload);
    }

    [Fact]
    public async Task A_lost_event_is_fetched_again()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        Append(hub, 1);
        Assert.True(await items.MoveNextAsync());
        await client.PingAsync();
        hub.Lost.Add(2);
        Append(hub, 2);
        Append(hub, 3);
        foreach (int seq in new[] { 2, 3 })
        {
            Assert.True(await items.MoveNextAsync());
            Assert.Equal(seq, items.Current.Position.Seq);
        }

        Assert.Equal(1, client.Gaps);
    }

    [Fact]
    public async Task Another_epoch_is_told_as_a_reset_in_its_place()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        Append(hub, 1);
        Assert.True(await items.MoveNextAsync());
        hub.Restart("e2");
        Append(hub, 1);
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(("e2", 0L), (Assert.IsType<StreamItem.Reset>(items.Current).Epoch, Assert.IsType<StreamItem.Reset>(items.Current).LastValid));
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(new StreamPosition("e2", 1), items.Current.Position);
    }

    [Fact]
    public async Task A_slow_reader_keeps_a_bounded_buffer_and_still_gets_everything()
    {
        await using TestHub hub = await TestHub.StartAsync();
        HubServiceClientOptions options = hub.Options();
        options.BufferedEvents = 8;
        await using AgentClient client = new(options);
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        Append(hub, 1);
        Assert.True(await items.MoveNextAsync());
        for (int i = 2; i <= 300; i++)
        {
            Append(hub, i);
        }

        // The reader stands still, so the hub is told to stop sending.
        await Wait.Until(() => hub.Calls("Unsubscribe") > 0);
        for (int i = 2; i <= 300; i++)
        {
            Assert.True(await items.MoveNextAsync());
            Assert.Equal(i, items.Current.Position.Seq);
        }

        Assert.Equal(0, client.Gaps);
    }

    [Fact]
    public async Task Two_subscribers_of_one_thread_do_not_disturb_each_other()
    {
        await using TestHub hub = await TestHub.StartAsync();
        for (int i = 1; i <= 10; i++)
        {
            Append(hub, i);
        }

        await using AgentClient client = new(hub.Options());
        await using IAsyncEnumerator<StreamItem> late = client.SubscribeAsync(Thread, new StreamPosition("e1", 10)).GetAsyncEnumerator();
        Task<bool> next = late.MoveNextAsync().AsTask();
        await Wait.Until(() => hub.IsSubscribed(Stream));
        await using IAsyncEnumerator<StreamItem> early = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        for (int i = 1; i <= 10; i++)
        {
            Assert.True(await early.MoveNextAsync());
            Assert.Equal(i, early.Current.Position.Seq);
        }

        Append(hub, 11);
        Assert.True(await next);
        Assert.Equal(11, late.Current.Position.Seq);
        Assert.True(await early.MoveNextAsync());
        Assert.Equal(11, early.Current.Position.Seq);
    }

    [Fact]
    public async Task A_refused_subscription_throws_the_hubs_error()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.Before = (_, _) => Task.FromResult<HubError?>(new HubError(ErrorCodes.NotFound, "no such thread"));
        await using AgentClient client = new(hub.Options());
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread).GetAsyncEnumerator();
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<HubClientException>(async () => await items.MoveNextAsync())).Code);
    }

    [Fact]
    public async Task The_last_reader_to_leave_unsubscribes()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        using (CancellationTokenSource stop = new())
        {
            IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, cancellationToken: stop.Token).GetAsyncEnumerator(CancellationToken.None);
            Task<bool> next = items.MoveNextAsync().AsTask();
            await Wait.Until(() => hub.IsSubscribed(Stream));
            await client.PingAsync();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        }

        await Wait.Until(() => !hub.IsSubscribed(Stream));
    }

    [Fact]
    public async Task The_first_connect_is_retried_until_the_hub_is_there()
    {
        Uri url;
        await using (TestHub gone = await TestHub.StartAsync())
        {
            url = gone.Url;
        }

        TestHub hub = new();
        await using AgentClient client = new(new HubServiceClientOptions { Url = url, Retry = new RetryPolicy(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5)) });
        TaskCompletionSource failed = new();
        client.StateChanged += (_, change) =>
        {
            if (change.Error is not null)
            {
                failed.TrySetResult();
            }
        };
        Task connecting = client.ConnectAsync();
        await failed.Task;
        Assert.Equal(ConnectionState.Connecting, client.State);
        await hub.ListenAsync(url);
        await using (hub)
        {
            await connecting;
            Assert.Equal(ConnectionState.Connected, client.State);
        }
    }

    [Fact]
    public async Task A_call_without_a_connection_fails_in_time()
    {
        await using AgentClient client = new(new HubServiceClientOptions { Url = new Uri("http://127.0.0.1:9"), ConnectedWithin = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(ClientErrorCodes.NotConnected, (await Assert.ThrowsAsync<HubClientException>(() => client.PingAsync())).Code);
    }

    [Fact]
    public async Task A_pending_call_settles_when_the_connection_drops_and_the_next_one_works()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        hub.Before = async (_, connection) =>
        {
            hub.Before = (_, _) => Task.FromResult<HubError?>(null);
            connection.Abort();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, connection.ConnectionAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        };
        Assert.Equal(ErrorCodes.OutcomeUnknown, (await Assert.ThrowsAsync<HubClientException>(() => client.PingAsync())).Code);
        await client.PingAsync();
    }

    [Fact]
    public async Task A_publish_whose_answer_is_lost_is_sent_again_and_kept_once()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        hub.Before = (_, connection) =>
        {
            hub.Before = (_, _) => Task.FromResult<HubError?>(null);
            connection.Abort();
            return Task.FromResult<HubError?>(null);
        };
        PublishResult[] results = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => client.PublishAsync(Thread, new StatusUpdate($"{i}"))));
        Assert.Equal(20, hub.Types(Stream).Length);
        Assert.True(results[0].Duplicate);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"{i}"), Enumerable.Range(0, 20).Select(i => hub.Payload(Stream, i).GetProperty("status").GetString()));
    }

    [Fact]
    public async Task The_token_travels_as_a_header_and_is_asked_for_again_on_reconnect()
    {
        await using TestHub hub = await TestHub.StartAsync();
        HubServiceClientOptions options = hub.Options();
        int asked = 0;
        options.AccessToken = (_, _) => ValueTask.FromResult<string?>($"t{++asked}");
        await using AgentClient client = new(options);
        await client.PingAsync();
        hub.DropAll();
        await Wait.Until(() => hub.Authorizations.Count == 2);
        Assert.Equal(["Bearer t1", "Bearer t2"], hub.Authorizations);
    }

    [Fact]
    public async Task A_draining_hub_is_left_and_found_again()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        await client.ConnectAsync();
        await client.PingAsync();
        TaskCompletionSource left = new();
        client.StateChanged += (_, change) =>
        {
            if (change.State == ConnectionState.Reconnecting)
            {
                left.TrySetResult();
            }
        };
        hub.Tell(StreamKind.Thread, "ServerDraining", new SessionEvent<ServerDraining>(1, "server_draining", "evt_1", default, new ServerDraining(10)));
        await left.Task;
        await client.PingAsync();
    }

    [Fact]
    public async Task A_large_message_passes_both_ways()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(hub.Options());
        string text = new('ß', 200_000);
        await client.PublishAsync(Thread, new StatusUpdate(text));
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread, StreamPosition.Start).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(text, Assert.IsType<AgentStreamEvent>(items.Current).As<StatusUpdate>()!.Status);
    }

    [Fact]
    public async Task The_container_gives_both_clients()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using ServiceProvider services = new ServiceCollection().AddHubServiceClient(o => o.Url = hub.Url).BuildServiceProvider();
        await services.GetRequiredService<AgentClient>().PingAsync();
        await services.GetRequiredService<ProjectClient>().ConnectAsync();
    }

    private static void Append(TestHub hub, int number) =>
        hub.Append(Stream, "status_update", JsonSerializer.SerializeToElement(new { status = $"{number}" }));
}
