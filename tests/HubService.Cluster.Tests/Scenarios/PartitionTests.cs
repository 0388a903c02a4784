using HubService.Cluster.Tests.Rig;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>One node hears nothing of Redis for a while, and Redis at first nothing of it.</summary>
public sealed class PartitionTests
{
    private const string Shared = "partition";

    private const string Own = "partition-own";
    private const string Aside = "partition-aside";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    // R25. In a network of its own where that can be had, else behind a proxy: what is lost is sent again when the link is back, as in any network.
    [Fact]
    public async Task A_node_apart_from_Redis_says_so_and_catches_up()
    {
        await using NetNamespace? network = NetNamespace.TryCreate();
        await using TcpProxy? proxy = network is null ? new TcpProxy(0) : null;
        await using Scenario scenario = network is null ? await BehindAsync(proxy!) : await WithinAsync(network);
        ILink link = (ILink?)network ?? proxy!;
        IReadOnlyList<Subscriber> apart = scenario.Subscribe(10, [Shared], node: _ => () => scenario.Nodes[0].Url);
        scenario.Subscribe(10, [Shared], node: _ => () => scenario.Nodes[1].Url);
        scenario.Subscribe(2, [Own]);
        Publisher other = scenario.Publish(1, node: _ => () => scenario.Nodes[1].Url)[0];
        using var http = new HttpPublisher(scenario.Recorder, "apart", Scenario.Tenant);
        await scenario.LiveAsync();
        Load load = scenario.StartLoad([Shared], 50);
        await scenario.AcknowledgedAsync(100);
        int calm = other.Acknowledged.Count;
        using var store = new StoreDump(scenario.Nodes[1].Url, Scenario.Tenant);
        long aside = 0;
        foreach ((string fault, string id, Action lose) in new (string, string, Action)[] { ("nothing passes", "nothing", link.Silence), ("answers are lost", "answers", link.SilenceAnswers) })
        {
            Assert.Null((await PublishAsideAsync(scenario.Nodes[0].Url)).Code);
            aside = (await store.HeadAsync(Aside)).Seq;
            await LoseAsync($"R25 partition, {(network is null ? "proxy" : "network")}, {fault}", id, scenario, http, lose);
            link.Mend();
            long seq = (await other.Publish(Shared).Placed).Seq;
            TimeSpan healed = await Waiting.UntilAsync("its clients have caught up", TimeSpan.FromSeconds(30), () => apart.All(s => s.At(Shared)?.Seq >= seq));
            TimeSpan publishes = await Waiting.UntilAsync("it publishes again", TimeSpan.FromSeconds(30), async () => (await http.PublishAsync(scenario.Nodes[0].Url, new Sent(Own, $"{id}-again", "x"))).Place is not null);
            await Waiting.UntilAsync("it is ready again", TimeSpan.FromSeconds(30), () => scenario.Nodes[0].IsReadyAsync());
            Figures.Report($"R25 partition, {fault}", $"caught up {healed.TotalMilliseconds:0} ms after it healed, publishes {publishes.TotalMilliseconds:0} ms later");
        }

        await load.StopAsync();
        Figures.Report("R25 partition", $"on the other node before {Figures.Spread(other.Acknowledged.Take(calm).Select(s => s.Took!.Value))}, with and after it {Figures.Spread(other.Acknowledged.Skip(calm).Select(s => s.Took!.Value))}");
        await scenario.AssertSoundAsync();
        Assert.All(scenario.Subscribers, s => Assert.Equal(1, s.Connects));
        Assert.Empty(other.Errors);

        // What went out while answers were lost has come.
        Assert.Equal(aside + 1, (await store.HeadAsync(Aside)).Seq);
    }

    /// <summary>While the fault lasts every publish through the node is answered with a code, and it is not ready.</summary>
    private static async Task LoseAsync(string name, string id, Scenario scenario, HttpPublisher http, Action lose)
    {
        List<TimeSpan> answered = [];
        Dictionary<string, int> codes = [];
        bool red = false;
        lose();
        Attempt sent = await PublishAsideAsync(scenario.Nodes[0].Url);
        answered.Add(sent.Took);
        Assert.Equal("outcome_unknown", sent.Code);
        codes[sent.Code!] = 1;
        Task lost = Waiting.PauseAsync(TimeSpan.FromSeconds(Scale.Of(4, 10)));
        while (!lost.IsCompleted || !red)
        {
            Attempt attempt = await http.PublishAsync(scenario.Nodes[0].Url, new Sent(answered.Count % 2 == 0 ? Own : Shared, $"{id}-{answered.Count}", "x"));
            answered.Add(attempt.Took);
            Assert.NotNull(attempt.Code);
            codes[attempt.Code] = codes.GetValueOrDefault(attempt.Code) + 1;
            red |= !await scenario.Nodes[0].IsReadyAsync();
            Assert.True(red || answered.Count < 100, "It says that it is ready.");
            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(100));
        }

        Figures.Report(name, $"refused after {Figures.Spread(answered)} ({string.Join(", ", codes.Select(c => $"{c.Key} {c.Value}"))})");
        Assert.True(answered.Max() < AnswerLimit, Figures.Spread(answered));
        Assert.Subset(new HashSet<string> { "store_unavailable", "outcome_unknown" }, codes.Keys.ToHashSet());
    }

    /// <summary>An event without an id, which is appended at once to a stream that the node knows; one with an id is looked for before.</summary>
    private static async Task<Attempt> PublishAsideAsync(Uri node)
    {
        using var http = new HttpPublisher(new Recorder(), "aside", Scenario.Tenant);
        return await http.PublishAsync(node, new Sent(Aside, "", "x"));
    }

    private static Task<Scenario> WithinAsync(NetNamespace network) => Scenario.StartAsync(
        "R25 partition",
        new RedisServerOptions("everysec", null, null, "--bind", "127.0.0.1", network.RedisAddress, "--protected-mode", "no"),
        apart: network);

    private static Task<Scenario> BehindAsync(TcpProxy proxy) => Scenario.StartAsync("R25 partition", redisPort: (redis, i) =>
    {
        proxy.LeadTo(redis.Port);
        return i == 0 ? proxy.Port : redis.Port;
    });
}
