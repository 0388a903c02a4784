using HubService.Delivery;
using HubService.Tests.Client;

namespace HubService.Tests.Delivery;

/// <summary>One order for everybody, whatever happens to the connections.</summary>
public class OrderTests
{
    [Theory]
    [InlineData("memory", true)]
    [InlineData("sqlite", true)]
    [InlineData("memory", false)]
    public async Task Fifty_subscribers_see_the_same_sequence_of_eight_publishers(string store, bool direct)
    {
        await using HubHost host = await HubHost.StartAsync(("Streams:Store", store), ("Wire:Direct", $"{direct}"), ("Limits:ConnectionsPerUser", "100"), ("Streams:Thread:Events", "30000"));
        string token = await host.WorkerTokenAsync();
        Reader[] readers = [.. Enumerable.Range(0, 50).Select(_ => new Reader())];
        WireClient[] clients = await Task.WhenAll(readers.Select(r => WireClient.ConnectAsync(host.Url, token, onFrame: f => r.Take(f))));
        await Task.WhenAll(clients.Select(c => c.SubscribeAsync("t", ":0")));
        using HttpClient http = await host.HttpAsync(token);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async publisher =>
        {
            for (int i = 0; i < 50; i++)
            {
                await http.PublishAsync("t", [.. Enumerable.Range(0, 50).Select(n => Publishing.Event($"{publisher}-{(i * 50) + n}"))]);
            }
        }));
        await Wait.Until(() => readers.All(r => r.Last == 20_000));
        Assert.All(readers, r => Assert.Empty(r.Wrong));
        Assert.Single(readers.Select(r => r.Hash).Distinct());
        foreach (WireClient client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("memory", true)]
    [InlineData("sqlite", true)]
    [InlineData("memory", false)]
    public async Task Two_hundred_broken_connections_lose_and_repeat_nothing(string store, bool direct)
    {
        await using HubHost host = await HubHost.StartAsync(("Streams:Store", store), ("Wire:Direct", $"{direct}"), ("Limits:ConnectionsPerUser", "1000"), ("Streams:Thread:Events", "100000"));
        string token = await host.WorkerTokenAsync();
        using HttpClient http = await host.HttpAsync(token);
        Outboxes outboxes = host.Services.GetRequiredService<Outboxes>();
        using CancellationTokenSource enough = new();
        long head = 0;
        Task publishing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                head = await http.PublishAsync("t", 10);
            }
        });
        Reader[] readers = [.. Enumerable.Range(0, 10).Select(_ => new Reader())];
        await Task.WhenAll(readers.Select(async (reader, n) =>
        {
            for (int i = 0; i < 20; i++)
            {
                long before = reader.Last;
                try
                {
                    await using WireClient client = await WireClient.ConnectAsync(host.Url, token, onFrame: f => reader.Take(f));
                    await client.SubscribeAsync("t", reader.Last == 0 ? ":0" : reader.Position);
                    await Wait.Until(() => reader.Last > before + (n * 3) || client.Completion.IsCompleted);
                    if (i % 2 == 0)
                    {
                        client.Kill();
                    }
                    else
                    {
                        outboxes.All.FirstOrDefault()?.Abort();
                    }
                }
                catch (IOException)
                {
                    // It was cut for another reader's turn.
                }
            }
        }));
        await enough.CancelAsync();
        await publishing;
        await using WireClient last = await WireClient.ConnectAsync(host.Url, token);
        foreach (Reader reader in readers)
        {
            last.OnFrame = reader.Take;
            await last.SubscribeAsync("t", reader.Position);
            await Wait.Until(() => reader.Last == head);
            await last.InvokeAsync("Unsubscribe", "t");
            Assert.Empty(reader.Wrong);
        }

        Assert.Single(readers.Select(r => r.Hash).Distinct());
        await Wait.Until(() => outboxes.All.Count() == 1);
        Assert.Equal(0, host.Services.GetRequiredService<StreamFeeds>().Count);
    }
}
