using System.Diagnostics;
using System.Net.WebSockets;
using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Clients come and go, thousands of them.</summary>
public sealed class SoakTests
{
    private const int Parallel = 20;
    private const int Streams = 10;

    // R40. When all have gone, the nodes and Redis are as they were before.
    [Fact]
    public async Task Clients_that_come_and_go_leave_nothing_behind()
    {
        int connects = Scale.Of(1_000, 30_000);
        await using Scenario scenario = await Scenario.StartAsync("R40 soak", settings: ("Publishing:IdleAfter", "00:00:02"));
        int quiet = await RedisFigures.ChannelsAsync(scenario.Redis);
        Publisher publisher = scenario.Publish(1)[0];
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(i => publisher.PublishAsync($"soak-{i}", 5)));

        // What is made once, for the first clients, is no leak.
        await ChurnAsync(scenario, Scale.Of(1_000, 10_000));
        await Waiting.UntilAsync("every stream has its snapshot", TimeSpan.FromSeconds(60), async () => await RedisFigures.SnapshotsAsync(scenario.Redis) == Streams);
        Rest before = await RestAsync(scenario, quiet), after = before;
        long start = Stopwatch.GetTimestamp();
        int failed = await ChurnAsync(scenario, connects);
        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        TimeSpan? back = await Waiting.UpToAsync(TimeSpan.FromSeconds(90), async () => IsBack(before, after = await RestAsync(scenario, quiet)));
        Figures.Report("R40 soak", $"{connects} connects in {took:0.0} s, {failed} failed; before {before}; after {after}");
        await scenario.AssertSoundAsync();
        Assert.True(back is not null, $"{before} has become {after}");
    }

    private static bool IsBack(Rest before, Rest after) =>
        after.Nodes.Heap <= before.Nodes.Heap * 1.05
        && after.Nodes.Handles <= before.Nodes.Handles * 1.05
        && after.Nodes.Threads <= before.Nodes.Threads * 1.05
        && after.Channels <= before.Channels
        && after.Keys <= before.Keys;

    /// <summary>The numbers when nobody but the publisher is connected and the nodes follow no stream any more.</summary>
    /// <param name="quiet">The channels of nodes that follow none.</param>
    private static async Task<Rest> RestAsync(Scenario scenario, int quiet)
    {
        await Waiting.UntilAsync("all have gone", TimeSpan.FromSeconds(60), async () => (await Task.WhenAll(scenario.Nodes.Select(n => n.MetricAsync("hubservice_connections")))).Sum() == 1 && await RedisFigures.ChannelsAsync(scenario.Redis) <= quiet);
        return new Rest(await Footprint.OfAsync(scenario.Nodes), await RedisFigures.ChannelsAsync(scenario.Redis), await RedisFigures.KeysAsync(scenario.Redis));
    }

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
                    await using HubSocket wire = await HubSocket.ConnectAsync(scenario.Nodes[i % 2].Url, token, "project", message =>
                    {
                        if (message.GetProperty("type").GetInt32() == 3)
                        {
                            answered.TrySetResult();
                        }

                        return ValueTask.CompletedTask;
                    });
                    await wire.InvokeAsync("1", "Subscribe", $"soak-{i % Streams}", ":0");
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

    private sealed record Rest(Footprint Nodes, int Channels, long Keys)
    {
        public override string ToString() => $"{Nodes}, {Channels} channels, {Keys} keys";
    }
}
