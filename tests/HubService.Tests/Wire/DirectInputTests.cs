using System.Buffers;
using System.IO.Pipelines;
using HubService.Wire;

namespace HubService.Tests.Wire;

public class DirectInputTests
{
    private readonly DirectInput _input = new();

    [Fact]
    public async Task What_is_written_continues_the_waiting_reader_on_the_writers_thread()
    {
        int thread = 0;
        Task reading = Continue(_input.ReadAsync(), () => thread = Environment.CurrentManagedThreadId);
        Assert.True(_input.IsIdle);
        int writer = Environment.CurrentManagedThreadId;
        Assert.True(_input.WriteAsync("a"u8).AsTask().IsCompletedSuccessfully);
        Assert.Equal(writer, thread);
        await reading;
        Assert.False(_input.IsIdle);
    }

    /// <summary>Whoever aborts a connection may hold a lock that the hub wants on its way out.</summary>
    [Theory]
    [InlineData("cancel")]
    [InlineData("end")]
    [InlineData("token")]
    public async Task Nobody_else_runs_the_reader(string how)
    {
        using CancellationTokenSource off = new();
        bool here = false;
        bool inside = false;
        Task reading = Continue(_input.ReadAsync(off.Token), () => here = Volatile.Read(ref inside) && Thread.CurrentThread.Name == "other");
        var other = new Thread(() =>
        {
            Volatile.Write(ref inside, true);
            switch (how)
            {
                case "cancel":
                    _input.CancelPendingRead();
                    break;
                case "end":
                    _input.End();
                    break;
                default:
                    off.Cancel();
                    break;
            }
        })
        { Name = "other" };
        other.Start();
        await reading.ContinueWith(static _ => { }, TaskScheduler.Default);
        other.Join();
        Assert.False(here);
    }

    [Fact]
    public async Task What_was_looked_at_comes_again_with_more()
    {
        await _input.WriteAsync("abc"u8);
        ReadResult read = await _input.ReadAsync();
        _input.AdvanceTo(read.Buffer.GetPosition(1), read.Buffer.End);
        Assert.False(_input.TryRead(out _));
        Task<ReadResult> more = _input.ReadAsync().AsTask();
        Assert.False(more.IsCompleted);
        await _input.WriteAsync("d"u8);
        Assert.Equal("bcd"u8.ToArray(), (await more).Buffer.ToArray());
        _input.AdvanceTo((await more).Buffer.Start);
        Assert.True(_input.TryRead(out read));
        Assert.Equal("bcd"u8.ToArray(), read.Buffer.ToArray());
    }

    [Fact]
    public async Task A_read_is_called_off_whether_it_waits_or_comes_later()
    {
        Task<ReadResult> waiting = _input.ReadAsync().AsTask();
        _input.CancelPendingRead();
        Assert.True((await waiting).IsCanceled);
        _input.AdvanceTo((await waiting).Buffer.End);

        await _input.WriteAsync("a"u8);
        _input.CancelPendingRead();
        ReadResult read = await _input.ReadAsync();
        Assert.True(read.IsCanceled);
        Assert.Equal("a"u8.ToArray(), read.Buffer.ToArray());
        _input.AdvanceTo(read.Buffer.Start);
        Assert.False((await _input.ReadAsync()).IsCanceled);
    }

    [Fact]
    public async Task A_token_ends_one_wait_only()
    {
        using CancellationTokenSource off = new();
        Task<ReadResult> waiting = _input.ReadAsync(off.Token).AsTask();
        await off.CancelAsync();
        Assert.Equal(off.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting)).CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _input.ReadAsync(off.Token));
        await _input.WriteAsync("a"u8);
        Assert.Equal(1, (await _input.ReadAsync()).Buffer.Length);
    }

    [Fact]
    public async Task The_end_comes_after_what_was_written()
    {
        await _input.WriteAsync("a"u8);
        _input.End();
        await _input.WriteAsync("b"u8);
        ReadResult read = await _input.ReadAsync();
        Assert.Equal(("a", true), (System.Text.Encoding.ASCII.GetString(read.Buffer.ToArray()), read.IsCompleted));
        _input.AdvanceTo(read.Buffer.End);
        Assert.True((await _input.ReadAsync()).IsCompleted);
    }

    [Fact]
    public async Task A_reader_that_leaves_frees_who_waits_and_takes_nothing_more()
    {
        int left = 0;
        _input.Left = () => left++;
        await _input.WriteAsync(new byte[DirectInput.MaxUnread]);
        await _input.ReadAsync();
        Task waiting = _input.WriteAsync("a"u8).AsTask();
        Assert.False(waiting.IsCompleted);
        _input.Complete();
        _input.Complete();
        await waiting;
        Assert.Equal(1, left);
        Assert.True(_input.WriteAsync(new byte[1_000_000]).AsTask().IsCompletedSuccessfully);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _input.ReadAsync());
    }

    [Fact]
    public async Task What_a_reader_holds_stays_where_it_is()
    {
        await _input.WriteAsync("abc"u8);
        ReadResult held = await _input.ReadAsync();
        Task waiting = Task.CompletedTask;
        while (waiting.IsCompletedSuccessfully)
        {
            waiting = _input.WriteAsync(new byte[1000]).AsTask();
        }

        Assert.Equal("abc"u8.ToArray(), held.Buffer.ToArray());
        _input.AdvanceTo(held.Buffer.GetPosition(1), held.Buffer.End);
        ReadResult rest = await _input.ReadAsync();
        Assert.Equal("bc"u8.ToArray(), rest.Buffer.Slice(0, 2).ToArray());
        Assert.Equal(2, rest.Buffer.Length % 1000);
        _input.AdvanceTo(rest.Buffer.End);
        await waiting;
        Assert.Equal(1000, (await _input.ReadAsync()).Buffer.Length);
    }

    /// <summary>A hub that is not reading yet, or not any more, must not have a client fill the memory.</summary>
    [Fact]
    public async Task Nobody_writes_far_ahead_of_a_reader_that_is_not_there()
    {
        Task waiting = Task.CompletedTask;
        for (int written = 0; waiting.IsCompletedSuccessfully; written += 1000)
        {
            Assert.InRange(written, 0, DirectInput.MaxUnread);
            waiting = _input.WriteAsync(new byte[1000]).AsTask();
        }

        // One that wants more than that gets it.
        ReadResult read = await _input.ReadAsync();
        _input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Task<ReadResult> more = _input.ReadAsync().AsTask();
        await waiting;
        Assert.Equal(read.Buffer.Length + 1000, (await more).Buffer.Length);
    }

    [Fact]
    public void Nothing_written_wakes_nobody()
    {
        ValueTask<ReadResult> waiting = _input.ReadAsync();
        Assert.True(_input.WriteAsync([]).AsTask().IsCompletedSuccessfully);
        Assert.False(waiting.IsCompleted);
        Assert.True(_input.IsIdle);
    }

    private static async Task Continue(ValueTask<ReadResult> read, Action then)
    {
        try
        {
            await read;
        }
        finally
        {
            then();
        }
    }
}
