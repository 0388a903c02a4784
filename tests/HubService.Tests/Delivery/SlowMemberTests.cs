using HubService.Delivery;
using HubService.Tests.Client;

namespace HubService.Tests.Delivery;

/// <summary>A slow or dead subscriber harms only itself, and the slow one loses nothing.</summary>
public class SlowMemberTests
{
    private const int Events = 2_000;

    [Theory]
    [InlineData("memory", true)]
    [InlineData("sqlite", true)]
    [InlineData("memory", false)]
    public async Task One_that_never_reads_and_one_that_reads_slowly_hold_nobody_up(string store, bool direct)
    {
        ShiftedClock clock = new();
        await using HubHost host = await HubHost.StartAsync(b => b.Services.AddSingleton<TimeProvider>(clock), ("Streams:Store", store), ("Wire:Direct", $"{direct}"), ("Limits:ConnectionsPerUser", "1000"), ("Delivery:StallTimeout", "00:05:00"));
        string token = await host.WorkerTokenAsync();
        using HttpClient http = await host.HttpAsync(token);
        Outboxes outboxes = host.Services.GetRequiredService<Outboxes>();
        TaskCompletionSource read = new();
        SemaphoreSlim turns = new(0);
        Reader[] readers = [.. Enumerable.Range(0, 20).Select(_ => new Reader())];
        Reader slowReader = new();

        WireClient dead = await WireClient.ConnectAsync(host.Url, token, receiveBuffer: 4096);
        await dead.SubscribeAsync("t", ":0");
        Outbox deadOutbox = outboxes.All.Single();
        dead.OnFrame = async _ => await read.Task;
        await using WireClient slow = await WireClient.ConnectAsync(host.Url, token, receiveBuffer: 4096);
        await slow.SubscribeAsync("t", ":0");
        slow.OnFrame = async f =>
        {
            await turns.WaitAsync();
            await slowReader.Take(f);
        };
        WireClient[] clients = await Task.WhenAll(readers.Select(r => WireClient.ConnectAsync(host.Url, token, onFrame: f => r.Take(f))));
        await Task.WhenAll(clients.Select(c => c.SubscribeAsync("t", ":0")));

        (int Messages, int Bytes) most = default;
        for (int i = 0; i < Events / 20; i++)
        {
            // 8 KB each: more in all than any socket takes for a client that does not read.
            await http.PublishAsync("t", 20, 8_000);
            turns.Release(10);
            (int messages, int bytes) = deadOutbox.Queued;
            most = (Math.Max(most.Messages, messages), Math.Max(most.Bytes, bytes));
        }

        // All was acknowledged and read by the others while the dead one still holds its connection and its place.
        await Wait.Until(() => readers.All(r => r.Last == Events));
        Assert.All(readers, r => Assert.Empty(r.Wrong));
        Assert.Single(readers.Select(r => r.Hash).Distinct());
        Assert.Contains(deadOutbox, outboxes.All);
        Assert.Equal(CursorMode.Behind, deadOutbox.Cursors.Single().Mode);
        Assert.InRange(most.Messages, 0, 256);
        Assert.InRange(most.Bytes, 0, 1024 * 1024);

        turns.Release(Events * 2);
        await Wait.Until(() => slowReader.Last == Events);
        Assert.Empty(slowReader.Wrong);
        Assert.Equal(readers[0].Hash, slowReader.Hash);

        clock.Elapsed = TimeSpan.FromMinutes(5);
        await Wait.Until(() => !outboxes.All.Contains(deadOutbox));
        Assert.Equal((0, 0), deadOutbox.Queued);
        read.SetResult();
        await Wait.Until(() => dead.Completion.IsCompleted);
        await dead.DisposeAsync();
        foreach (WireClient client in clients)
        {
            Assert.False(client.Completion.IsCompleted);
            await client.DisposeAsync();
        }
    }
}
