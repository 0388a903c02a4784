using System.Net;
using System.Net.Sockets;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Tests.Client;

/// <summary>Attempts to connect that nobody answers, and clients that are disposed of meanwhile.</summary>
public class ConnectAttemptTests
{
    /// <summary>Whoever waited for the first connection waited for ever when the client was disposed of before.</summary>
    [Fact]
    public async Task Disposing_a_client_that_never_connected_settles_what_waits()
    {
        AgentClient client = new(new HubServiceClientOptions { Url = new Uri("http://127.0.0.1:9"), ConnectedWithin = Timeout.InfiniteTimeSpan });
        Task connecting = client.ConnectAsync();
        Task pinging = client.PingAsync();
        Task publishing = client.PublishAsync(new ThreadId("thread_1"), new StatusUpdate("never"));
        await client.DisposeAsync();
        foreach (Task task in new[] { connecting, pinging, publishing })
        {
            Assert.Equal(ClientErrorCodes.NotConnected, (await Assert.ThrowsAsync<HubClientException>(() => task)).Code);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ConnectAsync());
    }

    /// <summary>An event that waits for a connection that never comes was said to be perhaps published.</summary>
    [Fact]
    public async Task Disposing_a_client_whose_event_waits_for_the_connection_says_that_nothing_was_sent()
    {
        TaskCompletionSource asked = new();
        AgentClient client = ClientWithoutToken(asked);
        Task publishing = client.PublishAsync(new ThreadId("thread_1"), new StatusUpdate("never"));
        await asked.Task;
        await client.DisposeAsync();
        Assert.Equal(ClientErrorCodes.NotConnected, (await Assert.ThrowsAsync<HubClientException>(() => publishing)).Code);
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
        client.StateChanged += (_, change) =>
        {
            if (change.Error is not null)
            {
                failed.TrySetResult(change.Error);
            }
        };
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
        AgentClient client = ClientWithoutToken(asked);
        Task connecting = client.ConnectAsync();
        await asked.Task;
        await client.DisposeAsync();
        Assert.Equal(ClientErrorCodes.NotConnected, (await Assert.ThrowsAsync<HubClientException>(() => connecting)).Code);
    }
    /// <summary>A client that never gets as far as a connection.</summary>
    /// <param name="asked">Set when it has asked for its token.</param>
    private static AgentClient ClientWithoutToken(TaskCompletionSource asked) => new(new HubServiceClientOptions
    {
        Url = new Uri("http://127.0.0.1:9"),
        AccessToken = async (_, _) =>
        {
            asked.TrySetResult();
            await new TaskCompletionSource().Task;
            return null;
        },
    });
}
