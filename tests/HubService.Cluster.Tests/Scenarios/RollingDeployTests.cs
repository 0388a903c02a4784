using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Both nodes are replaced one after the other, behind nginx, under load.</summary>
public sealed class RollingDeployTests
{
    // R29. SIGTERM, a new process, then the other node: clients move, and nobody misses or repeats anything.
    [Fact]
    public async Task Replacing_the_nodes_one_by_one_is_not_noticed()
    {
        Assert.SkipUnless(NginxServer.IsInstalled, "nginx is not installed.");
        string[] projects = ["deploy-a", "deploy-b"];
        await using Scenario scenario = await Scenario.StartAsync("R29 rolling deploy");
        NginxServer nginx = scenario.Own(await NginxServer.StartAsync(scenario.Nodes.Select(n => n.Url)));
        scenario.Subscribe(Scale.Of(40, 200), projects, node: _ => () => nginx.Url);
        scenario.Publish(Scale.Of(2, 4), node: _ => () => nginx.Url);
        await scenario.LiveAsync();
        Load load = scenario.StartLoad(projects, Scale.Of(100, 500));
        foreach (HubNode node in scenario.Nodes)
        {
            await Waiting.PauseAsync(TimeSpan.FromSeconds(1));
            (int exitCode, TimeSpan after) = await node.TerminateAsync();
            Figures.Report("R29 rolling deploy", $"node {node.Name} ended with {exitCode} after {after.TotalMilliseconds:0} ms");
            Assert.True(exitCode == 0, node.Output);
            Assert.True(after < TimeSpan.FromSeconds(15));
            await node.StartAsync();
            await scenario.LiveAsync();
        }

        await load.StopAsync();
        Figures.Report("R29 rolling deploy", $"acknowledged after: {Figures.Spread(scenario.Publishers.SelectMany(p => p.Acknowledged).Select(s => s.Took!.Value))}");
        await scenario.AssertSoundAsync();
        Assert.All(scenario.Publishers.SelectMany(p => p.Errors.Keys), code => Assert.Contains(code, new[] { "draining", "connection_lost", "outcome_unknown", "store_unavailable" }));
    }
}
