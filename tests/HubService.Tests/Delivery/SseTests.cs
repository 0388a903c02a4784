using HubService.Streams;
using HubService.Tests.Client;
using Microsoft.Extensions.Options;

namespace HubService.Tests.Delivery;

public class SseTests
{
    [Fact]
    public async Task A_reader_resumes_at_every_id_it_may_have_stopped_at()
    {
        await using HubHost host = await HubHost.StartAsync(("Streams:Thread:Events", "50"));
        string token = await host.WorkerTokenAsync();
        using HttpClient http = await host.HttpAsync(token);
        await http.PublishAsync("t", 60);
        List<string> ids = [];
        await using (SseClient all = await SseClient.OpenAsync(host.Url, token, "t", ":0"))
        {
            Assert.Equal("history_lost", (await all.NextAsync())?.Type);
            for (int i = 11; i <= 60; i++)
            {
                (string type, string id, string data) = (await all.NextAsync())!.Value;
                Assert.Equal("status_update", type);
                Assert.StartsWith($"{{\"seq\":{i},", data, StringComparison.Ordinal);
                ids.Add(id);
            }
        }

        for (int i = 0; i < ids.Count - 1; i += 7)
        {
            await using SseClient from = await SseClient.OpenAsync(host.Url, token, "t", ids[i]);
            Assert.Equal(ids[i + 1], (await from.NextAsync())?.Id);
        }

        await using SseClient other = await SseClient.OpenAsync(host.Url, token, "t", "another:5");
        (string reset, string after, _) = (await other.NextAsync())!.Value;
        Assert.Equal("reset", reset);
        Assert.EndsWith(":0", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_reader_and_a_quick_one_get_the_same_and_the_slow_one_holds_nobody_up()
    {
        await using HubHost host = await HubHost.StartAsync(("Streams:Store", "sqlite"));
        string token = await host.WorkerTokenAsync();
        using HttpClient http = await host.HttpAsync(token);
        await using SseClient quick = await SseClient.OpenAsync(host.Url, token, "t");
        SseClient slow = await SseClient.OpenAsync(host.Url, token, "t");
        List<string> ids = [];
        Task reading = Task.Run(async () =>
        {
            while (ids.Count < 1_000)
            {
                ids.Add((await quick.NextAsync())!.Value.Id);
            }
        });
        for (int i = 0; i < 50; i++)
        {
            await http.PublishAsync("t", 20, 8_000);
        }

        // All acknowledged, and read by the one, before the other reads anything.
        await reading;
        List<string> slowIds = [];
        while (slowIds.Count < 1_000)
        {
            if (await slow.NextAsync() is { } item)
            {
                slowIds.Add(item.Id);
            }
            else
            {
                // The server gives up on a response that nobody takes: the reader comes back with its last id.
                await slow.DisposeAsync();
                slow = await SseClient.OpenAsync(host.Url, token, "t", slowIds.Count > 0 ? slowIds[^1] : ":0");
            }
        }

        await slow.DisposeAsync();
        Assert.Equal(ids, slowIds);
        Assert.Equal(1_000, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_stream_that_was_quiet_for_long_is_told_at_once_and_one_that_left_follows_no_more()
    {
        // Each keep-alive left a read behind, which took the next news for itself: the reader heard of it a keep-alive later.
        ManualTimeProvider clock = new();
        SteeredLog? log = null;
        await using HubHost host = await HubHost.StartAsync(builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Services.AddSingleton<IEventLog>(s => log = new SteeredLog(new MemoryEventLog(s.GetRequiredService<IOptions<StreamOptions>>(), clock)));
        });
        string token = await host.WorkerTokenAsync();
        using HttpClient http = await host.HttpAsync(token);
        await http.PublishAsync("t", 1);
        int before = log!.Followers;
        SseClient[] readers = [await SseClient.OpenAsync(host.Url, token, "t"), await SseClient.OpenAsync(host.Url, token, "t")];
        Assert.Equal(before + 2, log.Followers);
        for (int i = 0; i < 3; i++)
        {
            Task<(string Type, string Id, string Data)?>[] quiet = [.. readers.Select(r => r.NextAsync())];
            await Wait.Until(() =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return quiet.All(q => q.IsCompleted);
            });
            Assert.All(quiet, q => Assert.Equal(":", q.Result?.Type));
        }

        for (int i = 2; i <= 6; i++)
        {
            await http.PublishAsync("t", 1);
            foreach (SseClient reader in readers)
            {
                (string Type, string Id, string Data) item;
                while ((item = (await reader.NextAsync().WaitAsync(TimeSpan.FromSeconds(20)))!.Value).Type == ":")
                {
                    // Time had gone on while the other one was waited for.
                }

                Assert.EndsWith($":{i}", item.Id, StringComparison.Ordinal);
            }
        }

        await readers[0].DisposeAsync();
        await Wait.Until(() => log.Followers == before + 1);
        await readers[1].DisposeAsync();
        await Wait.Until(() => log.Followers == before);
    }
}
