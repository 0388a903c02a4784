using System.Text.Json;
using HubService.Tests.Client;

namespace HubService.Tests.Delivery;

/// <summary>Subscribing over real sockets: where the events begin, and what is said when they cannot begin there.</summary>
public class ResumeTests
{
    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Every_position_of_a_stream_resumes_with_exactly_what_follows(string store)
    {
        await using HubHost host = await HubHost.StartAsync(("Streams:Store", store), ("Limits:PublisherMessagesPerSecond", "100000"), ("Delivery:ReplayPage", "70"));
        using HttpClient http = await host.HttpAsync(await host.WorkerTokenAsync());
        long head = await http.PublishAsync("t", 500);
        Reader reader = new();
        await using WireClient client = await WireClient.ConnectAsync(host.Url, await host.WorkerTokenAsync(), onFrame: f => reader.Take(f));
        string epoch = (await client.SubscribeAsync("t")).GetProperty("epoch").GetString()!;
        foreach (int from in Enumerable.Range(0, 501).OrderBy(i => i * 7919 % 501))
        {
            // On the same connection: whatever of the last cursor came after the answer would be seen.
            Reader next = new Reader().From(from);
            client.OnFrame = frame =>
            {
                if (frame.Span.StartsWith("{\"type\":3"u8))
                {
                    reader = next;
                }

                return reader.Take(frame);
            };
            JsonElement answer = await client.SubscribeAsync("t", $"{epoch}:{from}");
            Assert.Equal((head, head - from, true), (answer.GetProperty("seq").GetInt64(), answer.GetProperty("replayed").GetInt64(), answer.GetProperty("recovered").GetBoolean()));
            if (from % 3 == 0)
            {
                await Wait.Until(() => next.Last == 500);
            }

            Assert.Empty(next.Wrong);
        }

        await Wait.Until(() => reader.Last == 500);
        Assert.Empty(reader.Wrong);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Joining_while_events_pour_in_gives_a_contiguous_run_behind_the_answer(string store)
    {
        await using HubHost host = await HubHost.StartAsync(("Streams:Store", store), ("Limits:ConnectionsPerUser", "100"));
        using HttpClient http = await host.HttpAsync(await host.WorkerTokenAsync());
        string token = await host.WorkerTokenAsync();
        await http.PublishAsync("t", 10);
        string epoch = await EpochAsync(http);
        using CancellationTokenSource enough = new();
        long head = 0;
        Task publishing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                head = await http.PublishAsync("t", 20);
            }
        });
        List<(WireClient Client, Reader Reader)> joined = [];
        string?[] positions = [null, ":0", "another:7", $"{epoch}:999999999"];
        for (int i = 0; i < 60; i++)
        {
            Reader reader = new();
            bool answered = false;
            WireClient client = await WireClient.ConnectAsync(host.Url, token, onFrame: frame =>
            {
                // The answer, before any event, says where the run begins.
                if (!answered && frame.Span.StartsWith("{\"type\":3"u8))
                {
                    JsonElement result = JsonElement.Parse(frame.Span).GetProperty("result");
                    reader.From(result.GetProperty("seq").GetInt64() - result.GetProperty("replayed").GetInt64(), result.GetProperty("epoch").GetString()!);
                    answered = true;
                }

                return reader.Take(frame);
            });
            joined.Add((client, reader));
            await client.SubscribeAsync("t", positions[i % positions.Length]);
        }

        await enough.CancelAsync();
        await publishing;
        foreach ((WireClient client, Reader reader) in joined)
        {
            await Wait.Until(() => reader.Last == head);
            Assert.Empty(reader.Wrong);
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task What_a_position_lost_is_said_before_the_first_event(string store)
    {
        await using HubHost host = await HubHost.StartAsync(("Streams:Store", store), ("Streams:Thread:Events", "100"));
        using HttpClient http = await host.HttpAsync(await host.WorkerTokenAsync());
        string token = await host.WorkerTokenAsync();
        await http.PublishAsync("t", 300);
        string epoch = await EpochAsync(http);

        await Check(":0", recovered: false, "HistoryLost", """ "from":1,"to":200 """, first: 201);
        await Check($"{epoch}:150", recovered: false, "HistoryLost", """ "from":151,"to":200 """, first: 201);
        await Check($"{epoch}:200", recovered: true, null, null, first: 201);
        await Check($"{epoch}:299", recovered: true, null, null, first: 300);
        await Check("another:250", recovered: false, "Reset", """ "last_valid":0 """, first: 201);
        await Check($"{epoch}:300", recovered: true, null, null, first: 301);
        await Check($"{epoch}:9999", recovered: false, "Reset", """ "last_valid":301 """, first: 302);

        async Task Check(string position, bool recovered, string? told, string? saying, long first)
        {
            List<string> frames = [];
            await using WireClient client = await WireClient.ConnectAsync(host.Url, token, onFrame: f =>
            {
                lock (frames)
                {
                    frames.Add(System.Text.Encoding.UTF8.GetString(f.Span));
                }

                return ValueTask.CompletedTask;
            });
            JsonElement answer = await client.SubscribeAsync("t", position);
            Assert.Equal(recovered, answer.GetProperty("recovered").GetBoolean());
            long next = first > 300 ? await http.PublishAsync("t", 1) : first;
            await Wait.Until(() => Events().Length > 0);
            if (told is not null)
            {
                Assert.Contains($"\"target\":\"{told}\"", frames[1], StringComparison.Ordinal);
                Assert.Contains(saying!.Trim(), frames[1], StringComparison.Ordinal);
            }

            Assert.Contains($"[{{\"seq\":{next},", Events()[0], StringComparison.Ordinal);

            string[] Events()
            {
                lock (frames)
                {
                    return [.. frames.Where(f => f.Contains("\"seq\":", StringComparison.Ordinal) && f.Contains("StatusUpdate", StringComparison.Ordinal))];
                }
            }
        }
    }

    [Fact]
    public async Task Two_hundred_subscriptions_of_one_connection_all_hear()
    {
        await using HubHost host = await HubHost.StartAsync();
        using HttpClient http = await host.HttpAsync(await host.WorkerTokenAsync());
        List<string> heard = [];
        await using WireClient client = await WireClient.ConnectAsync(host.Url, await host.WorkerTokenAsync(), onFrame: f =>
        {
            string text = System.Text.Encoding.UTF8.GetString(f.Span);
            if (text.Contains("thread_id", StringComparison.Ordinal))
            {
                heard.Add(JsonElement.Parse(text).GetProperty("arguments")[0].GetProperty("thread_id").GetString()!);
            }

            return ValueTask.CompletedTask;
        });
        string[] threads = [.. Enumerable.Range(0, 200).Select(i => $"t{i}")];
        foreach (string thread in threads)
        {
            Assert.True((await client.SubscribeAsync(thread)).GetProperty("recovered").GetBoolean());
        }

        Assert.Equal("subscription_limit", (await client.SubscribeAsync("t200")).GetProperty("error").GetProperty("code").GetString());
        await Task.WhenAll(threads.Select(t => http.PublishAsync(t, 3)));
        await Wait.Until(() => heard.Count == 600);
        Assert.All(heard.GroupBy(t => t), g => Assert.Equal(3, g.Count()));

        await client.InvokeAsync("Unsubscribe", "t7");
        await http.PublishAsync("t7", 5);
        await http.PublishAsync("t8", 1);
        await Wait.Until(() => heard.Count(t => t == "t8") == 4);
        Assert.Equal(3, heard.Count(t => t == "t7"));
        Assert.True((await client.SubscribeAsync("t200")).GetProperty("recovered").GetBoolean());
    }

    private static async Task<string> EpochAsync(HttpClient http) =>
        JsonElement.Parse(await http.GetStringAsync("/api/v1/threads/t/events?limit=1")).GetProperty("epoch").GetString()!;
}
