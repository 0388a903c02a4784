using HubService.Checker;
using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>The same event is sent several times, to both nodes, by impatient clients, while Redis pauses.</summary>
public sealed class IdempotencyTests
{
    private const int Lanes = 16;

    // R06. Every id is one event, whoever asks and however often; a Redis that pauses applies late what was given up.
    [Fact]
    public async Task An_event_id_is_one_event_on_both_nodes()
    {
        int count = Scale.Of(400, 5000);
        await using Scenario scenario = await Scenario.StartAsync("R06 idempotency");
        scenario.Subscribe(4, ["once"]);
        await scenario.LiveAsync();
        var random = new Random(6);
        List<(Sent Sent, int Node, TimeSpan? Patience)> attempts = [];
        for (int i = 0; i < count; i++)
        {
            var sent = new Sent("once", $"once-{i}", $"text {i}");
            for (int n = random.Next(1, 5); n > 0; n--)
            {
                attempts.Add((sent, random.Next(2), random.Next(10) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 8)) : null));
            }
        }

        Task[] lanes = [.. Enumerable.Range(0, Lanes).Select(lane => LaneAsync(scenario, lane, [.. attempts.Where((_, i) => i % Lanes == lane)]))];
        for (int i = 0; i < 2; i++)
        {
            scenario.Redis.Stop();
            await Waiting.PauseAsync(TimeSpan.FromSeconds(2));
            scenario.Redis.Continue();
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(500));
        }

        await Task.WhenAll(lanes);
        await scenario.AssertSoundAsync();
        Assert.Equal(count, scenario.Recorder.Records.OfType<Entry>().Count());
        Assert.Contains(scenario.Recorder.Records.OfType<PubOk>(), o => o.Duplicate);
        Assert.Contains(scenario.Recorder.Records.OfType<PubFail>(), f => f.Outcome == "unknown");
    }

    /// <summary>Sends what is its, one after the other; what failed, again until it is acknowledged.</summary>
    private static async Task LaneAsync(Scenario scenario, int lane, IReadOnlyList<(Sent Sent, int Node, TimeSpan? Patience)> attempts)
    {
        using var publisher = new HttpPublisher(scenario.Recorder, $"lane{lane}", Scenario.Tenant);
        foreach ((Sent sent, int node, TimeSpan? patience) in attempts)
        {
            Attempt attempt = await publisher.PublishAsync(scenario.Nodes[node].Url, sent, patience);
            for (int again = 0; attempt.Place is null && again < 60; again++)
            {
                await Waiting.PauseAsync(TimeSpan.FromMilliseconds(attempt.Code == "no_answer" ? 1 : 100));
                attempt = await publisher.PublishAsync(scenario.Nodes[1 - node].Url, sent);
            }

            Assert.NotNull(attempt.Place);
        }
    }
}
