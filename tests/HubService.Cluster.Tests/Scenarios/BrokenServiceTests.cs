using HubService.Checker;
using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>A service that skips or repeats is found out by the same judge as the sound one.</summary>
public sealed class BrokenServiceTests
{
    // R40. Were these not found, the silence of the other scenarios would mean nothing.
    [Theory]
    [InlineData("an event dropped", "I2")]
    [InlineData("the last event dropped", "I13")]
    [InlineData("an event repeated", "I3")]
    public async Task A_service_that_breaks_its_word_is_found_out(string fault, string invariant)
    {
        const int Events = 30;
        await using Scenario scenario = await Scenario.StartAsync("R40 broken service", nodes: 1);
        FrameProxy broken = scenario.Own(new FrameProxy(scenario.Nodes[0].Url.Port, n => (fault, n) switch
        {
            ("an event dropped", 10) => 0,
            ("the last event dropped", Events) => 0,
            ("an event repeated", 10) => 2,
            _ => 1,
        }));
        scenario.Subscribe(3, ["broken"]);
        Subscriber deceived = scenario.Subscribe(1, ["broken"], node: _ => () => broken.Url)[0];
        Publisher publisher = scenario.Publish(1)[0];
        await scenario.LiveAsync();
        for (int i = 0; i < Events; i++)
        {
            // One by one, so that each has a frame of its own.
            long seq = (await publisher.Publish("broken").Placed).Seq;
            await Waiting.UpToAsync(TimeSpan.FromMilliseconds(200), () => deceived.At("broken")?.Seq == seq);
        }

        IReadOnlyList<Finding> findings = await scenario.JudgeAsync(TimeSpan.FromSeconds(3));
        Assert.Contains(findings, f => f.Invariant == invariant);
        Assert.All(findings, f => Assert.Equal(deceived.Who, f.Who));
    }
}
