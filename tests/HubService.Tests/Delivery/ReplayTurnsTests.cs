using HubService.Delivery;

namespace HubService.Tests.Delivery;

public sealed class ReplayTurnsTests : IDisposable
{
    private static readonly int AtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly ReplayTurns _turns = new();

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

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = Volatile.Read(ref most);
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) is var now && now != seen)
        {
            seen = now;
        }
    }
}
