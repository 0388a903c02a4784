using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Redis stops answering for a while.</summary>
public sealed class RedisPauseTests
{
    // R07. Publishes are answered in time, and truly; nobody loses the connection; afterwards all is as before.
    [Fact]
    public async Task A_pause_of_Redis_is_answered_and_survived()
    {
        await using Scenario scenario = await Scenario.StartAsync("R07 Redis pause");
        scenario.Subscribe(20, ["pause"]);
        scenario.Publish(2);
        await scenario.LiveAsync();
        using var http = new HttpPublisher(scenario.Recorder, "http", Scenario.Tenant);
        Load load = scenario.StartLoad(["pause"], 50);
        List<TimeSpan> answered = [], recovered = [];
        HashSet<string> codes = [];
        int sent = 0;
        for (int i = 0; i < Scale.Of(1, 3); i++)
        {
            await scenario.AcknowledgedAsync(50);
            scenario.Redis.Stop();
            Task paused = Waiting.PauseAsync(TimeSpan.FromSeconds(Scale.Of(4, 5)));
            while (!paused.IsCompleted)
            {
                Attempt attempt = await http.PublishAsync(scenario.Nodes[sent % 2].Url, new Sent("pause", $"http-{++sent}", "x"));
                answered.Add(attempt.Took);
                codes.Add(attempt.Code ?? "ok");
                await Waiting.PauseAsync(TimeSpan.FromMilliseconds(50));
            }

            scenario.Redis.Continue();
            recovered.Add(await scenario.AcknowledgedAsync(10));
        }

        await load.StopAsync();
        Figures.Report("R07 Redis pause", $"answered after {Figures.Spread(answered)} ({string.Join(", ", codes)}); publishing again after {Figures.Spread(recovered)}");
        await scenario.AssertSoundAsync();
        Assert.True(answered.Max() < TimeSpan.FromSeconds(5));
        Assert.ProperSubset(new HashSet<string> { "ok", "store_unavailable", "outcome_unknown", "none" }, codes);
        Assert.All(scenario.Subscribers, s => Assert.Equal(1, s.Connects));
    }
}
