using HubService.Contracts;
using HubService.Sqlite;
using HubService.Streams;

namespace HubService.Tests.Sqlite;

/// <summary>What a clean restart keeps, and what memory lets go of without one.</summary>
public sealed class SqliteRestartTests : IAsyncDisposable
{
    private static readonly StreamKey Stream = new("acme", StreamKind.Thread, "thread_1");

    private readonly TempDirectory _directory = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly StreamOptions _options = new();
    private SqliteEventLog _log;

    public SqliteRestartTests() => _log = Open();

    [Fact]
    public async Task A_restart_keeps_epochs_heads_ids_and_snapshots()
    {
        string epoch = (await _log.AppendAsync(Stream, [.. Enumerable.Range(1, 150).Select(i => Event($"e{i}"))])).Epoch;
        await _log.AppendAsync(Stream with { Id = "other" }, [Event("e1", idempotent: false)]);
        await _log.SaveSnapshotAsync(Stream, new Snapshot(140, Unfinished: true, "state"u8.ToArray()));
        _clock.Advance(_options.IdempotencyWindow / 2);
        await _log.AppendAsync(Stream, [Event("e151")]);
        _clock.Advance((_options.IdempotencyWindow / 2) + TimeSpan.FromMilliseconds(1));

        await RestartAsync();

        Assert.Equal(new LogHead(epoch, 151), await _log.HeadAsync(Stream));
        Assert.Equal([null, 151L], await _log.FindAsync(Stream, ["e150", "e151"]));
        Assert.Equal([null], await _log.FindAsync(Stream with { Id = "other" }, ["e1"]));
        Snapshot snapshot = (await _log.LoadSnapshotAsync(Stream))!;
        Assert.Equal((140, true, "state"), (snapshot.Seq, snapshot.Unfinished, System.Text.Encoding.UTF8.GetString(snapshot.State.Span)));
        Assert.Equal(2, (await _log.UnsettledAsync().ToListAsync()).Count);
        AppendResult next = await _log.AppendAsync(Stream, [Event("e151"), Event("e152")]);
        Assert.Equal([new(151, true), new(152, false)], next.Events);
        Assert.Equal(Enumerable.Range(1, 152).Select(i => $"e{i}"), (await _log.ReadAsync(Stream, new StreamPosition(epoch, 0), 1_000)).Entries.Select(e => e.EventId));
    }

    [Fact]
    public async Task Retention_and_trimming_go_on_after_a_restart()
    {
        _options.Thread.Age = TimeSpan.FromHours(1);
        await _log.AppendAsync(Stream, [.. Enumerable.Range(1, 100).Select(i => Event($"e{i}"))]);
        _clock.Advance(TimeSpan.FromMinutes(50));
        await _log.AppendAsync(Stream, [.. Enumerable.Range(101, 100).Select(i => Event($"e{i}"))]);
        await _log.SaveSnapshotAsync(Stream, new Snapshot(200, Unfinished: false, default));
        _clock.Advance(TimeSpan.FromMinutes(11));
        await RestartAsync();

        Assert.Equal(101, (await _log.ReadAsync(Stream, StreamPosition.Start, 1)).Lowest);
        Assert.Equal(100, await _log.TrimOnceAsync());
        await RestartAsync();
        _options.Thread.Age = TimeSpan.FromHours(10);

        LogPage page = await _log.ReadAsync(Stream, StreamPosition.Start, 1_000);
        Assert.Equal((ReadVerdict.HistoryLost, 101, 100), (page.Verdict, page.Lowest, page.Entries.Count));
    }

    [Fact]
    public async Task Trimming_everything_takes_no_number_back()
    {
        _options.Thread.Age = TimeSpan.FromMinutes(10);
        AppendResult before = await _log.AppendAsync(Stream, [Event("a"), Event("b")]);
        await _log.SaveSnapshotAsync(Stream, new Snapshot(2, Unfinished: false, default));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, await _log.TrimOnceAsync());
        await RestartAsync();
        await RestartAsync();

        AppendResult after = await _log.AppendAsync(Stream, [Event("c")]);
        Assert.Equal((before.Epoch, 3L), (after.Epoch, after.Head));
        await RestartAsync();
        Assert.Equal(["c"], (await _log.ReadAsync(Stream, StreamPosition.Start, 10)).Entries.Select(e => e.EventId));
    }

    [Fact]
    public async Task Idle_streams_leave_memory_and_come_back_as_they_were()
    {
        for (int i = 0; i < 100; i++)
        {
            await _log.AppendAsync(Stream with { Id = $"t{i}" }, [Event("a"), Event("b")]);
        }

        Assert.Equal(100, _log.StreamsHeld);
        await _log.TrimOnceAsync();
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _log.TrimOnceAsync();
        Assert.Equal(0, _log.StreamsHeld);

        for (int i = 0; i < 100; i++)
        {
            AppendResult result = await _log.AppendAsync(Stream with { Id = $"t{i}" }, [Event("b"), Event("c")]);
            Assert.Equal([new(2, true), new(3, false)], result.Events);
        }
    }

    [Fact]
    public async Task The_file_does_not_grow_for_ever()
    {
        _options.Thread.Events = 100;
        long afterWarmUp = 0;
        for (int cycle = 0; cycle < 12; cycle++)
        {
            AppendResult result = await _log.AppendAsync(Stream, [.. Enumerable.Range(0, 2_000).Select(i => Event($"{cycle}-{i}", bytes: 300))]);
            await _log.SaveSnapshotAsync(Stream, new Snapshot(result.Head, Unfinished: false, default));
            _clock.Advance(_options.IdempotencyWindow + TimeSpan.FromMilliseconds(1));
            Assert.True(await _log.TrimOnceAsync() > 0);
            await RestartAsync();
            afterWarmUp = cycle == 2 ? new FileInfo(_directory.File("hub.db")).Length : afterWarmUp;
        }

        Assert.InRange(new FileInfo(_directory.File("hub.db")).Length, 1, afterWarmUp * 3 / 2);
    }

    [Fact]
    public async Task Nothing_is_appended_after_the_stop_and_reads_go_on()
    {
        await _log.AppendAsync(Stream, [Event("a")]);
        await _log.StopAsync(CancellationToken.None);

        LogException refused = await Assert.ThrowsAsync<LogException>(async () => await _log.AppendAsync(Stream, [Event("b")]));

        Assert.Equal(ErrorCodes.StoreUnavailable, refused.Code);
        Assert.Single((await _log.ReadAsync(Stream, StreamPosition.Start, 10)).Entries);
    }

    [Fact]
    public async Task A_caller_that_does_not_come_back_after_its_append_holds_nobody_up()
    {
        // What awaits an append ran inside the loop that hands out the stream's batches: a caller that then read on
        // without ever yielding stopped every later append to the stream.
        using var release = new ManualResetEventSlim();
        Task stuck = Task.Run(async () =>
        {
            await _log.AppendAsync(Stream, [Event("a")]).AsTask().ContinueWith(_ => release.Wait(), TaskContinuationOptions.ExecuteSynchronously);
        });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () => await _log.AppendAsync(Stream, [Event($"b{i}")]))));

        release.Set();
        await stuck;
        Assert.Equal(51, (await _log.HeadAsync(Stream)).Seq);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _directory.Dispose();
    }

    private SqliteEventLog Open() => SqliteEventLogTests.OpenFile(_directory.File("hub.db"), _options, _clock);

    private async Task RestartAsync()
    {
        await _log.DisposeAsync();
        _log = Open();
    }

    private NewLogEvent Event(string id, bool idempotent = true, int bytes = 20) => new(id, idempotent, "agent_delta", _clock.NowMs, new byte[bytes]);
}
