using HubService.Delivery;
using HubService.Tests.Client;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Tests.Wire;

/// <summary>How a connection whose messages are read directly ends, and one whose are not.</summary>
public class DirectLifeTests
{
    public enum End
    {
        Goodbye,
        Reset,
        HalfClose,
        Violation,
        Refused,
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_does_not_shake_hands_is_told_and_closed(bool direct)
    {
        await using HubHost host = await StartAsync(direct, b => Shorten(b, o => o.HandshakeTimeout = TimeSpan.FromMilliseconds(200)));
        using FrameClient client = await FrameClient.ConnectAsync(host.Url, await host.WorkerTokenAsync());
        await client.ReadUntilAsync(() => client.Code is not null);
        await client.SendAsync(ClientFrames.Goodbye(1000));
        await client.ReadToEndAsync();
        Assert.Contains("Handshake was canceled.", client.Text, StringComparison.Ordinal);
        Assert.Equal(1000, client.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_pinged_once_and_then_says_nothing_is_closed(bool direct)
    {
        await using HubHost host = await StartAsync(direct, b => Shorten(b, o => o.ClientTimeoutInterval = TimeSpan.FromMilliseconds(200)));
        using FrameClient client = await FrameClient.GreetAsync(host, await host.WorkerTokenAsync());
        await client.SendAsync(ClientFrames.Text("{\"type\":6}\u001e"));
        await client.ReadUntilAsync(() => client.Code is not null);
        await client.SendAsync(ClientFrames.Goodbye(1000));
        await client.ReadToEndAsync();
        await Wait.Until(() => !host.Services.GetRequiredService<Outboxes>().All.Any());
    }

    /// <summary>However a client leaves, what it still had under way learns of it: also beyond the calls that a connection may have at once, and with more behind them.</summary>
    [Theory]
    [InlineData(true, End.Goodbye)]
    [InlineData(false, End.Goodbye)]
    [InlineData(true, End.Reset)]
    [InlineData(false, End.Reset)]
    [InlineData(true, End.HalfClose)]
    [InlineData(false, End.HalfClose)]
    [InlineData(true, End.Violation)]
    [InlineData(false, End.Violation)]
    [InlineData(true, End.Refused)]
    [InlineData(false, End.Refused)]
    public async Task Calls_under_way_learn_that_their_connection_has_ended(bool direct, End end)
    {
        Hanging hanging = new();
        await using HubHost host = await StartAsync(direct, b => b.Services.AddOptions<HubOptions>().Configure(o => o.AddFilter(hanging)));
        using FrameClient client = await FrameClient.GreetAsync(host, await host.WorkerTokenAsync());
        string calls = string.Concat(Enumerable.Range(0, 200).Select(FrameClient.Ping));
        await client.SendAsync(ClientFrames.Text(calls));
        await Wait.Until(() => hanging.UnderWay == 32);
        switch (end)
        {
            case End.Goodbye:
                await client.SendAsync(ClientFrames.Goodbye(1000));
                break;
            case End.Reset:
                client.Kill();
                break;
            case End.HalfClose:
                client.EndSending();
                break;
            case End.Violation:
                await client.SendAsync(ClientFrames.Frame(0x83, "a"u8));
                break;
            default:
                host.Services.GetRequiredService<Outboxes>().All.Single().Abort();
                break;
        }

        await Wait.Until(() => hanging.UnderWay == 0 && !host.Services.GetRequiredService<Outboxes>().All.Any());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_stops_waits_for_nobody_who_is_silent(bool direct)
    {
        HubHost host = await StartAsync(direct);
        using FrameClient client = await FrameClient.GreetAsync(host, await host.WorkerTokenAsync());
        Task stopping = host.DisposeAsync().AsTask();
        await client.ReadToEndAsync();
        await stopping;
    }

    private static void Shorten(WebApplicationBuilder builder, Action<HubOptions> options) => builder.Services.AddOptions<HubOptions>().PostConfigure(options);

    private static Task<HubHost> StartAsync(bool direct, Action<WebApplicationBuilder>? configure = null) =>
        HubHost.StartAsync(configure, ("Wire:Direct", $"{direct}"), ("Limits:MessagesPerSecond", "100000"), ("Limits:MessageBurst", "100000"));

    /// <summary>Every call hangs until its connection has ended.</summary>
    private sealed class Hanging : IHubFilter
    {
        private int _underWay;

        public int UnderWay => Volatile.Read(ref _underWay);

        public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
        {
            Interlocked.Increment(ref _underWay);
            TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (invocationContext.Context.ConnectionAborted.Register(ended.SetResult))
            {
                await ended.Task;
            }

            Interlocked.Decrement(ref _underWay);
            return null;
        }
    }
}
