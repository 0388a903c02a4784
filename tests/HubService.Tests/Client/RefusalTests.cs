using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Tests.Client;

/// <summary>A hub that does not let a client in: the only reason to give up.</summary>
public class RefusalTests
{
    private static readonly ThreadId Thread = new("thread_1");

    private readonly List<TokenReason> _asked = [];

    [Fact]
    public async Task A_refused_token_is_replaced_by_a_new_one()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.Refuse = header => header == "Bearer new" ? null : 401;
        await using AgentClient client = new(Options(hub, reason => reason == TokenReason.Rejected ? "new" : "old"));
        await client.PingAsync();
        Assert.Equal([TokenReason.Connect, TokenReason.Rejected], _asked);
    }

    [Theory]
    [InlineData(401, ErrorCodes.Unauthorized)]
    [InlineData(403, ErrorCodes.Forbidden)]
    public async Task A_client_that_is_refused_with_a_new_token_too_settles_everything(int status, string code)
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.Refuse = _ => status;
        await using AgentClient client = new(Options(hub, _ => "bad"));
        List<LossPhase> phases = [];
        client.ConnectionLoss += (_, e) => phases.Add(e.Phase);
        Task connecting = client.ConnectAsync();
        Task pinging = client.PingAsync();
        Task publishing = client.PublishAsync(Thread, new StatusUpdate("waits"));
        Task serving = client.ServeAsync(["guide"], 1, (_, _) => Task.CompletedTask);
        Task reading = Task.Run(async () =>
        {
            await foreach (StreamItem item in client.SubscribeAsync(Thread))
            {
                Assert.Fail($"There is no {item}");
            }
        });
        foreach (Task task in new[] { connecting, pinging, publishing, serving, reading, client.PingAsync() })
        {
            Assert.Equal(code, (await Assert.ThrowsAsync<HubClientException>(() => task)).Code);
        }

        Assert.Equal(ConnectionState.Failed, client.State);
        Assert.Equal([LossPhase.Failed], phases);
        Assert.Equal([TokenReason.Connect, TokenReason.Rejected], _asked);
    }

    [Fact]
    public async Task Without_a_token_there_is_none_to_renew()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.Refuse = _ => 401;
        await using AgentClient client = new(hub.Options());
        Assert.Equal(ErrorCodes.Unauthorized, (await Assert.ThrowsAsync<HubClientException>(() => client.ConnectAsync())).Code);
    }

    [Fact]
    public async Task Connecting_again_after_a_refusal_tries_anew()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.Refuse = _ => 401;
        await using AgentClient client = new(hub.Options());
        await Assert.ThrowsAsync<HubClientException>(() => client.ConnectAsync());
        hub.Refuse = _ => null;
        Assert.Equal(ErrorCodes.Unauthorized, (await Assert.ThrowsAsync<HubClientException>(() => client.PingAsync())).Code);
        await client.ConnectAsync();
        await client.PingAsync();
    }

    /// <summary>A reader of a quiet stream asks nothing of the hub, and would not have heard that the client gave up.</summary>
    [Fact]
    public async Task A_quiet_subscription_ends_when_the_client_is_not_let_in_again()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using AgentClient client = new(Options(hub, _ => "once good"));
        await using IAsyncEnumerator<StreamItem> items = client.SubscribeAsync(Thread).GetAsyncEnumerator();
        Task<bool> next = items.MoveNextAsync().AsTask();
        await Wait.Until(() => hub.IsSubscribed(StreamId.Thread(Thread)));
        await client.PingAsync();
        hub.Refuse = _ => 401;
        hub.DropAll();
        Assert.Equal(ErrorCodes.Unauthorized, (await Assert.ThrowsAsync<HubClientException>(() => next)).Code);
    }

    [Fact]
    public async Task A_token_source_that_fails_is_asked_again_unless_it_says_unauthorized()
    {
        await using TestHub hub = await TestHub.StartAsync();
        int failures = 3;
        await using (AgentClient client = new(Options(hub, _ => failures-- > 0 ? throw new JsonException("half an answer") : "good")))
        {
            await client.PingAsync();
        }

        await using AgentClient refused = new(Options(hub, _ => throw new HubClientException(new HubError(ErrorCodes.Unauthorized, "signed out"))));
        Assert.Equal(ErrorCodes.Unauthorized, (await Assert.ThrowsAsync<HubClientException>(() => refused.ConnectAsync())).Code);
    }

    private HubServiceClientOptions Options(TestHub hub, Func<TokenReason, string> token)
    {
        HubServiceClientOptions options = hub.Options();
        options.AccessToken = (reason, _) =>
        {
            _asked.Add(reason);
            return ValueTask.FromResult<string?>(token(reason));
        };
        return options;
    }
}
