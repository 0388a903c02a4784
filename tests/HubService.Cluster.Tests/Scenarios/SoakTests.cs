using System.Diagnostics;
using System.Net.WebSockets;
using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Clients come and go, thousands of them.</summary>
public sealed class SoakTests
{
    private const int Parallel = 20;

    // R40. When all have gone, the nodes and Redis are as they were before.
    [Fact]
    public async Task Clients_that_come_and_go_leave_nothing_behind()
    {
        int connects = Scale.Of(1_000, 30_000);
        await using Scenario scenario = await Scenario.StartAsync("R40 soak", settings: ("Publishing:IdleAfter", "00:00:02"));
        Publisher publisher = scenario.Publish(1)[0];
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => publisher.PublishAsync($"soak-{i}", 5)));
        await ChurnAsync(scenario, Scale.Of(1_000, 3_000));
        (int, long, long, int, long) before = await CalmAsync(scenario);
        long start = Stopwatch.GetTimestamp();
        int failed = await ChurnAsync(scenario, connects);
        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        (int, long, long, int, long) after = await CalmAsync(scenario);
        TimeSpan? back = await Waiting.UpToAsync(TimeSpan.FromSeconds(60), async () => IsBack(before, after = await Now(scenario)));
        Figures.Report("R40 soak", $"{connects} connects in {took:0.0} s, {failed} failed; handles, threads, MB, channels, keys before {Text(before)}, after {Text(after)}");
        await scenario.AssertSoundAsync();
        Assert.NotNull(back);
    }

    private static string Text((int Handles, long Threads, long Memory, int Channels, long Keys) n) => $"{n.Handles} {n.Threads} {n.Memory >> 20} {n.Channels} {n.Keys}";

    private static bool IsBack((int Handles, long Threads, long Memory, int Channels, long Keys) before, (int Handles, long Threads, long Memory, int Channels, long Keys) after) =>
        after.Handles <= before.Handles * 1.05 + 4 && after.Threads <= before.Threads * 1.05 + 6 && after.Channels <= before.Channels && after.Keys <= before.Keys && after.Memory < before.Memory + (100L << 20);

    /// <summary>The numbers once they rest.</summary>
    private static async Task<(int, long, long, int, long)> CalmAsync(Scenario scenario)
    {
        (int Handles, long, long, int Channels, long) last = await Now(scenario);
        // A stream that nobody uses is let go within 15 s of the time it may rest.
        for (int same = 0, i = 0; same < 17 && i < 90; i++)
        {
            await Waiting.PauseAsync(TimeSpan.FromSeconds(1));
            (int Handles, long, long, int Channels, long) now = await Now(scenario);
            same = now.Handles == last.Handles && now.Channels == last.Channels ? same + 1 : 0;
            last = now;
        }

        return last;
    }

    private static async Task<(int Handles, long Threads, long Memory, int Channels, long Keys)> Now(Scenario scenario) =>
        (scenario.Nodes.Sum(n => n.Handles), scenario.Nodes.Sum(n => n.Threads), scenario.Nodes.Sum(n => n.Memory), await RedisFigures.ChannelsAsync(scenario.Redis), await RedisFigures.KeysAsync(scenario.Redis));

    private static async Task<int> ChurnAsync(Scenario scenario, int connects)
    {
        int next = 0, failed = 0;
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(async lane =>
        {
            string token = HubToken.Reader($"churn{lane}", Scenario.Tenant);
            for (int i; (i = Interlocked.Increment(ref next)) <= connects;)
            {
                TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
                try
                {
                    await using Wire wire = await Wire.ConnectAsync(scenario.Nodes[i % 2].Url, token, "project", message =>
                    {
                        if (message.GetProperty("type").GetInt32() == 3)
                        {
                            answered.TrySetResult();
                        }

                        return ValueTask.CompletedTask;
                    });
                    await wire.InvokeAsync("1", "Subscribe", $"soak-{i % 10}", ":0");
                    await answered.Task.WaitAsync(TimeSpan.FromSeconds(10));
                }
                catch (Exception e) when (e is WebSocketException or TimeoutException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }));
        return failed;
    }
}
