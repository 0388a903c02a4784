using System.Diagnostics.Metrics;
using HubService.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubService.Tests;

public sealed class IdleMemoryTests : IDisposable
{
    private const long Mega = 1024 * 1024;

    private readonly ManualTimeProvider _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly HubMetrics _metrics;
    private readonly IdleMemory _memory;
    private TimeSpan _used;

    public IdleMemoryTests()
    {
        _metrics = new HubMetrics(_services.GetRequiredService<IMeterFactory>());
        _memory = new IdleMemory(_metrics, _clock, NullLogger<IdleMemory>.Instance);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Memory_is_given_back_when_a_burst_has_been_over_for_three_passes()
    {
        Assert.False(Pass(cores: 1.5, allocated: 100));
        Assert.False(Pass(cores: 0.1, allocated: 101));
        Assert.False(Pass(cores: 0.1, allocated: 102));
        Assert.True(Pass(cores: 0.1, allocated: 103));
    }

    [Fact]
    public void A_node_that_works_is_left_alone()
    {
        for (int i = 1; i < 20; i++)
        {
            Assert.False(Pass(cores: i % 3 == 0 ? 0.5 : 0.1, allocated: 100 * i));
        }
    }

    [Fact]
    public void Nothing_is_done_while_events_come_and_go_or_somebody_connects()
    {
        foreach (Action happens in (Action[])[() => _metrics.Published("thread"), () => _metrics.Delivered("thread", 2), () => _metrics.Replayed("thread", 2), _metrics.ConnectionOpened])
        {
            for (int i = 0; i < 5; i++)
            {
                happens();
                Assert.False(Pass(cores: 0.1, allocated: 100));
            }
        }
    }

    [Fact]
    public void Nothing_is_done_again_for_what_little_came_since()
    {
        Assert.True(Passes(allocated: 100));
        Assert.False(Passes(allocated: 131));
        Assert.True(Passes(allocated: 132));
    }

    [Fact]
    public void A_heap_whose_pause_would_be_felt_is_left_alone() => Assert.False(Passes(allocated: 1000, heap: 289));

    private bool Passes(long allocated, long heap = 100)
    {
        bool any = false;
        for (int i = 0; i < 3; i++)
        {
            any |= Pass(0.1, allocated, heap);
        }

        return any;
    }

    private bool Pass(double cores, long allocated, long heap = 100)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        _used += TimeSpan.FromSeconds(cores);
        return _memory.TrimOnce(_metrics.Happened, _used, allocated * Mega, heap * Mega);
    }
}
