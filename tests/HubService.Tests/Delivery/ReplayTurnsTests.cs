using HubService.Delivery;

namespace HubService.Tests.Delivery;

public sealed class ReplayTurnsTests : IDisposable
{
    private static readonly int AtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly ManualTimeProvider _clock = new();
    private readonly ReplayTurns _turns;

    public ReplayTurnsTests() => _turns = new ReplayTurns(_clock);

    public void Dispose() => _turns.Dispose();

    [Fact]
    public async Task Half_of_the_cores_are_given_out_and_no_more()
    {
        int now = 0, most = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            await _turns.EnterAsync();
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await Task.Yield();
            Interlocked.Decrement(ref now);
            _turns.Leave();
        })));
        Assert.InRange(most, 1, AtOnce);
    }

    [Fact]
    public async Task Who_waits_for_something_lets_others_have_the_turn_and_gets_it_back()
    {
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => _turns.EnterAsync()));
        TaskCompletionSource<int> page = new();
        Task<int> outside = _turns.OutsideAsync(new ValueTask<int>(page.Task)).AsTask();
        Task other = _turns.EnterAsync();
        await other.WaitAsync(TimeSpan.FromSeconds(30));
        page.SetResult(7);
        Assert.False(outside.IsCompleted);
        _turns.Leave();
        Assert.Equal(7, await outside);
    }

    [Fact]
    public async Task What_fails_outside_has_its_turn_afterwards_all_the_same()
    {
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => _turns.EnterAsync()));
        await Assert.ThrowsAsync<IOException>(() => _turns.OutsideAsync(new ValueTask(Task.FromException(new IOException()))).AsTask());
        Assert.False(_turns.EnterAsync().IsCompleted);
    }

    [Fact]
    public async Task What_is_ready_keeps_its_turn()
    {
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => _turns.EnterAsync()));
        Task other = _turns.EnterAsync();
        Assert.Equal(7, await _turns.OutsideAsync(new ValueTask<int>(7)));
        Assert.False(other.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_others_are_sent_live_events_a_turn_that_is_wanted_rests_first(bool live)
    {
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => _turns.EnterAsync()));
        Task next = _turns.EnterAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        if (live)
        {
            _turns.SawLive();
        }

        _turns.Leave();
        Assert.Equal(live ? 1 : 0, _clock.Timers);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(live && next.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(100) * AtOnce);
        await next.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_turn_that_nobody_waits_for_does_not_rest()
    {
        await _turns.EnterAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _turns.SawLive();
        _turns.Leave();
        Assert.Equal(0, _clock.Timers);
        await _turns.EnterAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = Volatile.Read(ref most);
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) is var now && now != seen)
        {
            seen = now;
        }
    }
}
