using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>Both nodes are replaced one after the other, behind nginx, under load.</summary>
public sealed class RollingDeployTests
{
    private const int WebSocket = 101;
    private const int Refusal = 503;

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(Scale.Of(3, 10));

    // R29. SIGTERM, a new process, then the other node: clients move one by one, and nobody misses or repeats anything.
    [Fact]
    public async Task Replacing_the_nodes_one_by_one_is_not_noticed()
    {
        Assert.SkipUnless(NginxServer.IsInstalled, "nginx is not installed.");
        string[] projects = ["deploy-a", "deploy-b"];
        await using Scenario scenario = await Scenario.StartAsync("R29 rolling deploy", settings: ("Delivery:DrainTime", $"{DrainTime}"));
        NginxServer nginx = scenario.Own(await NginxServer.StartAsync(scenario.Nodes[0].Url, scenario.Nodes[1].Url));
        scenario.Subscribe(Scale.Of(40, 200), projects, node: _ => () => nginx.Url);
        scenario.Publish(Scale.Of(2, 4), node: _ => () => nginx.Url);
        await scenario.LiveAsync();
        Load load = scenario.StartLoad(projects, Scale.Of(100, 500));
        List<Draining> drains = [];
        foreach (HubNode node in scenario.Nodes)
        {
            await scenario.AcknowledgedAsync(100);
            drains.Add(await ReplaceAsync(node));
            await ReturnedAsync(scenario, nginx);
        }

        await load.StopAsync();
        Figures.Report("R29 rolling deploy", $"acknowledged after: {Figures.Spread(scenario.Publishers.SelectMany(p => p.Acknowledged).Select(s => s.Took!.Value))}");
        await scenario.AssertSoundAsync();
        Assert.All(scenario.Publishers.SelectMany(p => p.Errors.Keys), code => Assert.Contains(code, new[] { "draining", "connection_lost", "outcome_unknown", "store_unavailable" }));
        await LeaveAsync(scenario, nginx);
        Moved([.. scenario.Subscribers.SelectMany(s => s.Moves)]);
        Assert.All(drains, drain => Refused(drain, nginx.Done));
    }

    /// <summary>A new process in the place of the old one.</summary>
    private static async Task<Draining> ReplaceAsync(HubNode node)
    {
        Task<(int ExitCode, TimeSpan After)> ending = node.TerminateAsync();
        await Waiting.UntilAsync("it says that it stops", TimeSpan.FromSeconds(10), async () => !await node.IsReadyAsync());
        DateTimeOffset said = TimeProvider.System.GetUtcNow();
        (int exitCode, TimeSpan after) = await ending;
        Figures.Report("R29 rolling deploy", $"node {node.Name} ended with {exitCode} after {after.TotalMilliseconds:0} ms");
        Assert.True(exitCode == 0, node.Output);
        Assert.True(after < TimeSpan.FromSeconds(15));
        DateTimeOffset ended = TimeProvider.System.GetUtcNow();
        await node.StartAsync();
        return new Draining(node, said, ended);
    }

    /// <summary>What clients are told is spread over the whole time, and so they come back: not all at once.</summary>
    private static void Moved(IReadOnlyList<Move> moves)
    {
        const int Parts = 10;
        int PartOf(TimeSpan time) => Math.Min(Parts - 1, (int)(Parts * (time / DrainTime)));
        int[] back = [.. Enumerable.Range(0, Parts).Select(part => moves.Count(m => PartOf(m.After) == part))];
        TimeSpan spread = moves.Max(m => m.After) - moves.Min(m => m.After);
        Figures.Report("R29 rolling deploy", $"{moves.Count} moves within {spread.TotalMilliseconds:0} ms; in each tenth of the {DrainTime.TotalSeconds:0} s: {string.Join(' ', back)}");

        // Each node spreads what it says evenly; among clients that come back at random within that, early ones are more.
        Assert.All(moves, m => Assert.InRange(m.Within, TimeSpan.FromTicks(1), DrainTime));
        Assert.Equal(Parts / 2, moves.Select(m => PartOf(m.Within) / 2).Distinct().Count());
        Assert.True(back.Count(n => n > 0) >= 3, string.Join(' ', back));
        Assert.True(back.Max() < moves.Count * 0.9, string.Join(' ', back));
        Assert.True(!Scale.Full || spread >= TimeSpan.FromSeconds(5), $"{spread}");
    }

    /// <summary>Nobody was let in who came after the node said that it stops; nginx, which does not know, goes on to the other node.</summary>
    private static void Refused(Draining drain, IReadOnlyList<Proxied> done)
    {
        (int Port, int Status)[] tried = [.. done.Where(d => d.Began > drain.Said && d.Began < drain.Ended).SelectMany(d => d.Tried).Where(t => t.Port == drain.Node.Url.Port)];
        Figures.Report("R29 rolling deploy", $"node {drain.Node.Name}, asked while it stopped: {string.Join(", ", tried.GroupBy(t => t.Status).Select(g => $"{g.Key} {g.Count()}"))}");
        Assert.Contains(tried, t => t.Status == Refusal);
        Assert.DoesNotContain(tried, t => t.Status == WebSocket);
    }

    /// <summary>nginx logs a WebSocket when it is over.</summary>
    private static async Task LeaveAsync(Scenario scenario, NginxServer nginx)
    {
        foreach (Subscriber subscriber in scenario.Subscribers)
        {
            subscriber.Leave();
        }

        await Waiting.UntilAsync("every connection is in the log", TimeSpan.FromSeconds(30), () => nginx.Done.Count(d => d.Tried[^1].Status == WebSocket) >= scenario.Subscribers.Sum(s => s.Connects));
    }

    private static async Task ReturnedAsync(Scenario scenario, NginxServer nginx)
    {
        try
        {
            await scenario.LiveAsync();
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{nginx.Log}", e);
        }
    }

    /// <param name="Said">When it was known that the node stops.</param>
    private sealed record Draining(HubNode Node, DateTimeOffset Said, DateTimeOffset Ended);
}
