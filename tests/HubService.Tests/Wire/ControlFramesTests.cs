using HubService.Wire;

namespace HubService.Tests.Wire;

public class ControlFramesTests
{
    private readonly ControlFrames _frames = new();

    [Fact]
    public async Task Who_reads_with_no_room_only_learns_that_there_is_something()
    {
        Task<int> waiting = _frames.ReadAsync(Memory<byte>.Empty, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        Task taken = _frames.AddAsync([1, 2, 3]);
        Assert.Equal(0, await waiting);
        Assert.False(taken.IsCompleted);
        byte[] buffer = new byte[8];
        Assert.Equal(3, await _frames.ReadAsync(buffer, CancellationToken.None));
        Assert.Equal([1, 2, 3], buffer[..3]);
        await taken;
    }

    [Fact]
    public async Task A_frame_is_taken_when_its_last_byte_is()
    {
        Task taken = _frames.AddAsync([1, 2, 3]);
        byte[] two = new byte[2];
        Assert.Equal(2, await _frames.ReadAsync(two, CancellationToken.None));
        Assert.False(taken.IsCompleted);
        Assert.Equal(1, await _frames.ReadAsync(two, CancellationToken.None));
        await taken;
        Assert.Equal(3, two[0]);
    }

    [Fact]
    public async Task The_end_frees_both_sides_and_leaves_what_has_come_to_be_read()
    {
        Task taken = _frames.AddAsync([1]);
        _frames.End();
        await taken;
        await _frames.AddAsync([2]);
        byte[] buffer = new byte[8];
        Assert.Equal(1, await _frames.ReadAsync(buffer, CancellationToken.None));
        Assert.Equal(1, buffer[0]);
        Assert.Equal(0, await _frames.ReadAsync(buffer, CancellationToken.None));

        ControlFrames empty = new();
        Task<int> waiting = empty.ReadAsync(buffer, CancellationToken.None).AsTask();
        empty.End();
        Assert.Equal(0, await waiting);
    }

    [Fact]
    public async Task A_read_that_is_called_off_loses_nothing()
    {
        using CancellationTokenSource off = new();
        byte[] buffer = new byte[8];
        Task<int> waiting = _frames.ReadAsync(buffer, off.Token).AsTask();
        await off.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Task taken = _frames.AddAsync([7]);
        Assert.Equal(1, await _frames.ReadAsync(buffer, CancellationToken.None));
        await taken;
    }
}
