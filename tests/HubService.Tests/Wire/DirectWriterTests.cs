using HubService.Tests.Client;

namespace HubService.Tests.Wire;

/// <summary>Over real sockets, once straight to the socket and once through a stream.</summary>
public class DirectWriterTests
{
    private static readonly TimeSpan AtOnce = TimeSpan.Zero;
    private static readonly TimeSpan AShortWhile = TimeSpan.FromMilliseconds(5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_quiet_connection_is_written_at_once(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AtOnce);
        foreach (string message in (string[])["one", "two", "three"])
        {
            Assert.True(line.WriteAsync(System.Text.Encoding.UTF8.GetBytes(message), mayGather: true).IsCompletedSuccessfully);
        }

        await line.ReadUntilAsync(() => line.Received.Frames.Count == 3);
        Assert.Equal("onetwothree"u8.ToArray(), line.Received.Payload);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_busy_connection_gathers_what_comes_next_into_one_write(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, TimeSpan.FromSeconds(1));
        int before = await line.MakeBusyAsync();
        for (byte i = 0; i < 10; i++)
        {
            await line.WriteAsync([i], mayGather: true);
        }

        await line.ReadUntilAsync(() => line.Received.Payload.Count() == before + 10);
        Assert.Equal(10, line.Received.Frames[^1].Payload.Length);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (byte)i), line.Received.Payload.Skip(before));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_hardly_comes_twice_in_a_window_is_written_at_once_even_when_some_is_late_and_comes_together(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, TimeSpan.FromSeconds(1));
        for (int i = 0; i < 160; i++)
        {
            await line.WriteAsync("e"u8, mayGather: true);
            line.Clock.Elapsed += TimeSpan.FromSeconds(i < 79 ? 0.6 : i == 79 ? 60 : i % 4 == 3 ? 3 : 0);
        }

        await line.ReadUntilAsync(() => line.Received.Payload.Count() == 160);
        Assert.All(line.Received.Frames, f => Assert.Single(f.Payload));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answers_make_nobody_busy(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, TimeSpan.FromSeconds(1));
        for (int i = 0; i < 40; i++)
        {
            await line.WriteAsync("a"u8, mayGather: false);
        }

        await line.WriteAsync("b"u8, mayGather: true);
        await line.WriteAsync("c"u8, mayGather: true);
        await line.ReadUntilAsync(() => line.Received.Payload.Count() == 42);
        Assert.All(line.Received.Frames, f => Assert.Single(f.Payload));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_was_busy_and_then_quiet_is_written_at_once(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, TimeSpan.FromSeconds(1));
        int before = await line.MakeBusyAsync();
        line.Clock.Elapsed += TimeSpan.FromSeconds(60);
        await line.WriteAsync("one"u8, mayGather: true);
        await line.WriteAsync("two"u8, mayGather: true);
        await line.ReadUntilAsync(() => line.Received.Payload.Count() == before + 6);
        Assert.Equal(["one", "two"], line.Received.Frames.TakeLast(2).Select(f => System.Text.Encoding.UTF8.GetString(f.Payload)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_somebody_waits_for_takes_along_what_was_gathered(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, TimeSpan.FromSeconds(1));
        int before = await line.MakeBusyAsync();
        await line.WriteAsync("a"u8, mayGather: true);
        await line.WriteAsync("b"u8, mayGather: true);
        await line.WriteAsync("answer"u8, mayGather: false);
        await line.ReadUntilAsync(() => line.Received.Payload.Count() == before + 8);
        Assert.Equal("abanswer"u8.ToArray(), line.Received.Frames[^1].Payload);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_that_takes_nothing_makes_writers_wait_and_then_gets_everything_in_order(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AShortWhile);
        var random = new Random(7);
        List<byte> sent = [];
        for (int i = 0; i < 20; i++)
        {
            Task waiting = Task.CompletedTask;
            while (waiting.IsCompletedSuccessfully)
            {
                byte[] message = new byte[random.Next(1, 20_000)];
                random.NextBytes(message);
                sent.AddRange(message);
                waiting = line.WriteAsync(message, mayGather: random.Next(3) > 0);
            }

            Assert.False(waiting.IsCompleted);
            await line.ReadUntilAsync(() => waiting.IsCompleted || line.Received.Frames.Sum(f => f.Payload.Length) == sent.Count);
            await waiting;
        }

        int total = sent.Count;
        await line.ReadUntilAsync(() => line.Received.Frames.Sum(f => f.Payload.Length) == total);
        Assert.True(sent.SequenceEqual(line.Received.Payload));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_frame_of_the_WebSocket_comes_after_everything_before_it_and_is_awaited_until_it_has_left(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AShortWhile);
        Task before = line.FillAsync(mayGather: true);
        Task closed = line.Writer.WriteFrameAsync([0x88, 2, 3, 0xe8]).AsTask();
        line.Writer.CancelWaits();
        Assert.False(closed.IsCompleted);
        Task reading = line.ReadToEndAsync();
        await closed.WaitAsync(TimeSpan.FromSeconds(30));
        line.Dismiss();
        await reading;
        await before;
        Assert.Equal(8, line.Received.Frames[^1].Opcode);
        Assert.Single(line.Received.Frames, f => f.Opcode == 8);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_follows_the_goodbye(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AShortWhile);
        int busy = await line.MakeBusyAsync();
        await line.WriteAsync("gathered"u8, mayGather: true);
        await line.Writer.WriteFrameAsync([0x88, 2, 3, 0xe8]);
        await line.WriteAsync("after"u8);
        await line.Writer.WriteFrameAsync([0x8a, 0]);
        line.Dismiss();
        await line.ReadToEndAsync();
        Assert.Equal(8, line.Received.Frames[^1].Opcode);
        Assert.Equal("gathered"u8.ToArray(), line.Received.Frames.SkipLast(1).SelectMany(f => f.Payload).Skip(busy));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_ends_it_frees_who_waits(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AtOnce);
        Task waiting = line.FillAsync();
        Task closed = line.Writer.WriteFrameAsync([0x88, 2, 3, 0xe8]).AsTask();
        line.Writer.End();
        await Task.WhenAll(waiting, closed).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(true, 32 * 1024, false)]
    [InlineData(true, 32 * 1024, true)]
    [InlineData(false, 32 * 1024, true)]
    [InlineData(true, 3_000_000, true)]
    [InlineData(false, 3_000_000, false)]
    public async Task Large_messages_arrive_whole(bool viaSocket, int around, bool mayGather)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AtOnce);
        var random = new Random(around);
        List<byte[]> sent = [];
        for (int length = around - 12; length <= around; length += around > 100_000 ? 12 : 1)
        {
            byte[] message = new byte[length];
            random.NextBytes(message);
            sent.Add(message);
        }

        Task writing = Task.Run(async () =>
        {
            foreach (byte[] message in sent)
            {
                await line.WriteAsync(message, mayGather);
            }
        });
        long total = sent.Sum(m => (long)m.Length);
        await line.ReadUntilAsync(() => line.Received.Frames.Sum(f => (long)f.Payload.Length) == total);
        await writing;
        Assert.True(sent.SelectMany(m => m).SequenceEqual(line.Received.Payload));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_without_being_taken_is_told_by_the_clock(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AtOnce);
        Assert.False(line.Writer.IsStalled(TimeSpan.Zero));
        Task waiting = line.FillAsync();

        Assert.False(line.Writer.IsStalled(TimeSpan.FromMinutes(1)));
        line.Clock.Elapsed = TimeSpan.FromMinutes(2);
        Assert.True(line.Writer.IsStalled(TimeSpan.FromMinutes(1)));
        Assert.False(waiting.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wait_can_be_called_off(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AtOnce);
        Task waiting = line.FillAsync();
        line.Writer.CancelWaits();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_broke_takes_nothing_more_and_frees_who_waits(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AtOnce);
        Task waiting = line.FillAsync();
        line.Kill();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        await Wait.Until(() => line.Writer.Ended);
        Assert.True(line.WriteAsync(new byte[100_000]).IsCompletedSuccessfully);
        await line.Writer.WriteFrameAsync([0x88, 0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_writers_at_once_do_not_mix_their_messages(bool viaSocket)
    {
        await using Line line = await Line.OpenAsync(viaSocket, AShortWhile);
        const int Each = 2_000;
        Task writing = Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
            {
                await line.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{w}:{i}\u001e"), mayGather: (i & 3) != 0);
            }
        })));
        string Text() => System.Text.Encoding.ASCII.GetString([.. line.Received.Payload]);
        await line.ReadUntilAsync(() => Text().Count(c => c == '\u001e') == 4 * Each);
        await writing;
        ILookup<string, int> byWriter = Text().Split('\u001e', StringSplitOptions.RemoveEmptyEntries).ToLookup(m => m.Split(':')[0], m => int.Parse(m.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(4, byWriter.Count);
        Assert.All(byWriter, w => Assert.Equal(Enumerable.Range(0, Each), w));
    }
}
