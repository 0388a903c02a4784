using HubService.Checker;
using HubService.Cluster.Tests.Rig;
using HubService.Tests.Redis;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>A node of a build that skips what it missed, beside a sound one: what R03 to R05 do is found out by the same judge.</summary>
public sealed class BrokenBuildTests(BrokenBuild build) : IClassFixture<BrokenBuild>, IAsyncLifetime
{
    private readonly TcpProxy _link = new(0);
    private Scenario _scenario = null!;
    private HubNode _broken = null!;
    private Publisher _publisher = null!;

    public async ValueTask InitializeAsync()
    {
        _scenario = await Scenario.StartAsync("R40 broken build", nodes: 1);
        _link.LeadTo(_scenario.Redis.Port);
        _broken = _scenario.Own(await HubNode.StartAsync("broken", [("Streams:Store", "redis"), ("Redis:Connection", $"127.0.0.1:{_link.Port}")], program: build.Program));
        _publisher = _scenario.Publish(1, batch: 3, node: _ => () => _scenario.Nodes[0].Url)[0];
        _scenario.Subscribe(3, ["broken"], node: _ => () => _scenario.Nodes[0].Url);
    }

    public async ValueTask DisposeAsync()
    {
        if (_scenario is not null)
        {
            await _scenario.DisposeAsync();
        }

        await _link.DisposeAsync();
    }

    // R03. Whoever comes back at the broken node misses all but the newest of what was published meanwhile.
    [Fact]
    public async Task A_storm_finds_it_out()
    {
        bool moved = false;
        IReadOnlyList<Subscriber> deceived = _scenario.Subscribe(3, ["broken"], node: _ => () => moved ? _broken.Url : _scenario.Nodes[0].Url);
        await _scenario.LiveAsync();
        await _publisher.PublishAsync("broken", 3);
        await Waiting.UntilAsync("all have seen the first", TimeSpan.FromSeconds(10), () => deceived.All(s => s.At("broken")?.Seq == 3));
        foreach (Subscriber subscriber in deceived)
        {
            subscriber.Leave();
        }

        moved = true;
        await Waiting.UntilAsync("all are away", TimeSpan.FromSeconds(10), () => deceived.All(s => !s.IsLive));
        await _publisher.PublishAsync("broken", 3);
        foreach (Subscriber subscriber in deceived)
        {
            subscriber.Return();
        }

        await AssertFoundAsync(deceived);
    }

    // R04. Its subscriber connection is broken while the last events before a silence are published.
    [Fact]
    public async Task A_lost_tail_finds_it_out()
    {
        IReadOnlyList<Subscriber> deceived = await DeceiveAsync();
        _link.LeadTo(Ports.Free());
        await RedisLinks.CutSubscribersAsync(_link, _scenario.Redis);
        await _publisher.PublishAsync("broken", 3);
        _link.LeadTo(_scenario.Redis.Port);
        await AssertFoundAsync(deceived);
    }

    // R05. Its subscriber connection answers, and leads elsewhere.
    [Fact]
    public async Task A_deaf_connection_finds_it_out()
    {
        await using RedisServer elsewhere = await RedisServer.StartAsync();
        IReadOnlyList<Subscriber> deceived = await DeceiveAsync();
        _link.LeadTo(elsewhere.Port);
        await RedisLinks.CutSubscribersAsync(_link, _scenario.Redis);
        await Waiting.UntilAsync("it subscribes elsewhere", TimeSpan.FromSeconds(10), async () => await RedisFigures.ChannelsAsync(elsewhere) > 0);
        await _publisher.PublishAsync("broken", 3);
        _link.LeadTo(_scenario.Redis.Port);
        await AssertFoundAsync(deceived, seconds: 12);
    }

    private async Task<IReadOnlyList<Subscriber>> DeceiveAsync()
    {
        IReadOnlyList<Subscriber> deceived = _scenario.Subscribe(3, ["broken"], node: _ => () => _broken.Url);
        await _scenario.LiveAsync();
        await _publisher.PublishAsync("broken", 3);
        await Waiting.UntilAsync("all have seen the first", TimeSpan.FromSeconds(10), () => _scenario.Subscribers.All(s => s.At("broken")?.Seq == 3));
        return deceived;
    }

    /// <param name="seconds">How long the deceived may try; they never come level.</param>
    private async Task AssertFoundAsync(IReadOnlyList<Subscriber> deceived, int seconds = 3)
    {
        IReadOnlyList<Finding> findings = await _scenario.JudgeAsync(TimeSpan.FromSeconds(seconds));
        Assert.All(deceived, s => Assert.Contains(findings, f => f.Invariant == "I2" && f.Who == s.Who));
        Assert.All(findings, f => Assert.Contains(f.Who, deceived.Select(s => s.Who)));
    }
}
