using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>A node dies under load, and nobody loses an event.</summary>
public sealed class NodeKillTests
{
    // R01. The nodes are killed in turn, so that each time there are clients to lose; they go to the other node.
    [Fact]
    public async Task Killing_a_node_again_and_again_loses_nothing()
    {
        string[] projects = [.. Enumerable.Range(0, Scale.Of(5, 20)).Select(i => $"kill-{i}")];
        await using Scenario scenario = await Scenario.StartAsync("R01 node kill");
        scenario.Subscribe(Scale.Of(40, 200), projects);
        scenario.Publish(4);
        await scenario.LiveAsync();
        int perSecond = Scale.Of(200, 500);
        Load load = scenario.StartLoad(projects, perSecond);
        List<TimeSpan> back = [];
        for (int i = 0; i < Scale.Of(2, 6); i++)
        {
            await scenario.AcknowledgedAsync(perSecond * Scale.Of(1, 6));
            HubNode node = scenario.Nodes[i % 2];
            (Subscriber Subscriber, int Connects)[] hit = [.. scenario.Subscribers.Where(s => s.IsLive && s.Node == node.Url).Select(s => (s, s.Connects))];
            Assert.NotEmpty(hit);
            await node.KillAsync();
            back.Add(await Waiting.UntilAsync(
                "99 of 100 of its clients are live again",
                TimeSpan.FromSeconds(15),
                () => hit.Count(h => h.Subscriber.IsLive && h.Subscriber.Connects > h.Connects) >= hit.Length * 0.99));
            await scenario.AcknowledgedAsync(perSecond * Scale.Of(0, 2));
            await node.StartAsync();
        }

        await load.StopAsync();
        Figures.Report("R01 node kill", $"99 % live again after a kill: {Figures.Spread(back)}");
        Figures.Report("R01 node kill", $"acknowledged after: {Figures.Spread(scenario.Publishers.SelectMany(p => p.Acknowledged).Select(s => s.Took!.Value))}");
        await scenario.AssertSoundAsync();
    }
}
