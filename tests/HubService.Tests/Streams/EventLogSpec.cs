using System.Text;
using HubService.Contracts;
using HubService.Streams;

namespace HubService.Tests.Streams;

/// <summary>What every event log must do. A log's tests inherit from here and say how to open it.</summary>
public abstract partial class EventLogSpec : IAsyncLifetime
{
    private protected static readonly StreamKey Thread1 = new("acme", StreamKind.Thread, "thread_1");

    private readonly Lazy<IEventLog> _log;

    protected EventLogSpec() => _log = new Lazy<IEventLog>(() => Open(Options, Clock));

    protected ManualTimeProvider Clock { get; } = new();

    private protected StreamOptions Options { get; } = new();

    /// <summary>The log under test, opened at first use, so that a test can set <see cref="Options"/> before.</summary>
    private protected IEventLog Log => _log.Value;

    private protected abstract IEventLog Open(StreamOptions options, TimeProvider time);

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_log is { IsValueCreated: true, Value: IAsyncDisposable disposable })
        {
            await disposable.DisposeAsync();
        }
    }

    [Fact]
    public async Task Seqs_are_dense_from_one()
    {
        AppendResult first = await Append("a", "b");
        AppendResult second = await Append("c");

        Assert.Equal([1, 2], first.Events.Select(e => e.Seq));
        Assert.Equal([3], second.Events.Select(e => e.Seq));
        Assert.Equal(3, second.Head);
        Assert.NotEmpty(first.Epoch);
        Assert.Equal(first.Epoch, second.Epoch);
        Assert.Equal(new LogHead(first.Epoch, 3), await Log.HeadAsync(Thread1));
    }

    [Fact]
    public async Task An_event_is_read_back_as_it_was_appended()
    {
        Options.Thread.Age = TimeSpan.FromDays(100_000);
        byte[] body = [0, 1, 255, .. "{\"text\":\"žluťoučký 🐎\"}"u8];
        await Log.AppendAsync(Thread1, [new NewLogEvent("id-ů\0'\"", true, "agent_started", Clock.NowMs - 5, body)]);
        await Log.AppendAsync(Thread1, [new NewLogEvent("empty", false, "", 0, ReadOnlyMemory<byte>.Empty)]);

        LogPage page = await Log.ReadAsync(Thread1, StreamPosition.Start, 10);

        Assert.Equal(("id-ů\0'\"", "agent_started", 1L, Clock.NowMs - 5), (page.Entries[0].EventId, page.Entries[0].Type, page.Entries[0].Seq, page.Entries[0].Ts));
        Assert.Equal(body, page.Entries[0].Body.ToArray());
        Assert.Equal(("empty", "", 2L, 0L), (page.Entries[1].EventId, page.Entries[1].Type, page.Entries[1].Seq, page.Entries[1].Ts));
        Assert.Equal(0, page.Entries[1].Body.Length);
    }

    [Fact]
    public async Task An_empty_batch_appends_nothing()
    {
        Assert.Equal(0, (await Log.AppendAsync(Thread1, [])).Head);
        await Append("a");

        AppendResult result = await Log.AppendAsync(Thread1, []);

        Assert.Equal(1, result.Head);
        Assert.Empty(result.Events);
        Assert.False(result.Conflict);
    }

    [Fact]
    public async Task Every_stream_has_its_own_epoch_and_seqs_however_its_name_is_spelled()
    {
        string[] names = ["a", "A", "a ", " a", "a:b", "a/b", "a\0b", "a\0", "", "a'b", "a\"b", "a%", "a_", "ä", "a\u0308", "🐎", "{a}", "*", "../a", new string('x', 300)];
        StreamKey[] keys =
        [
            .. names.Select(n => new StreamKey("acme", StreamKind.Thread, n)),
            .. names.Select(n => new StreamKey(n, StreamKind.Thread, "a")),
            new("acme", StreamKind.Project, "a"),
            new("acme", StreamKind.User, "a"),
            new("acmea", "thread", ""),
        ];

        for (int i = 0; i < keys.Length; i++)
        {
            await Log.AppendAsync(keys[i], [Event($"only-{i}")]);
            await Log.AppendAsync(keys[i], [Event("same id in every stream")]);
        }

        var epochs = new HashSet<string>();
        for (int i = 0; i < keys.Length; i++)
        {
            LogPage page = await Log.ReadAsync(keys[i], StreamPosition.Start, 10);
            Assert.Equal([$"only-{i}", "same id in every stream"], page.Entries.Select(e => e.EventId));
            Assert.Equal([1L], await Log.FindAsync(keys[i], [$"only-{i}"]));
            Assert.Equal([null], await Log.FindAsync(keys[i], [$"only-{(i + 1) % keys.Length}"]));
            epochs.Add(page.Epoch);
        }

        Assert.Equal(keys.Length, epochs.Count);
        Assert.Equal(keys.Select(k => k.ToString()).Order(), (await Log.UnsettledAsync().ToListAsync()).Select(k => k.ToString()).Order());
    }

    [Fact]
    public async Task Concurrent_appenders_get_one_order_without_holes()
    {
        const int Appenders = 8;
        const int Batches = 200;
        var handed = new List<LogEntry>();
        int inFollower = 0;
        using Following following = await Log.FollowAsync(Thread1, batch =>
        {
            Assert.Equal(1, Interlocked.Increment(ref inFollower));
            handed.AddRange(batch.Entries);
            Interlocked.Decrement(ref inFollower);
        });

        var acked = new long[Appenders][];
        await Task.WhenAll(Enumerable.Range(0, Appenders).Select(a => Task.Run(async () =>
        {
            acked[a] = new long[Batches * 2];
            for (int b = 0; b < Batches; b++)
            {
                AppendResult result = await Log.AppendAsync(Thread1, [Event($"{a}-{2 * b}"), Event($"{a}-{(2 * b) + 1}")]);
                Assert.Equal(result.Events[0].Seq + 1, result.Events[1].Seq);
                acked[a][2 * b] = result.Events[0].Seq;
                acked[a][(2 * b) + 1] = result.Events[1].Seq;
            }
        })));

        const int Total = Appenders * Batches * 2;
        List<LogEntry> kept = await ReadAll();
        Assert.Equal(Enumerable.Range(1, Total).Select(i => (long)i), kept.Select(e => e.Seq));
        Assert.Equal(kept.Select(e => (e.Seq, e.EventId)), handed.Select(e => (e.Seq, e.EventId)));
        for (int a = 0; a < Appenders; a++)
        {
            Assert.Equal(Enumerable.Range(0, Batches * 2).Select(i => $"{a}-{i}"), acked[a].Select(seq => kept[(int)seq - 1].EventId));
            Assert.Equal(acked[a].Order(), acked[a]);
        }
    }

    [Fact]
    public async Task A_batch_appended_without_waiting_for_the_one_before_stays_behind_it()
    {
        AppendResult[] results = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Log.AppendAsync(Thread1, [Event($"e{i}")]).AsTask()));

        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), results.Select(r => r.Events[0].Seq));
    }

    [Fact]
    public async Task Appends_to_many_streams_at_once_stay_apart()
    {
        await Parallel.ForAsync(0, 2_000, async (i, stop) => await Log.AppendAsync(Key(i % 50), [Event($"e{i}")], cancellationToken: stop));

        for (int s = 0; s < 50; s++)
        {
            LogPage page = await Log.ReadAsync(Key(s), StreamPosition.Start, 1_000);
            Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), page.Entries.Select(e => e.Seq));
            Assert.All(page.Entries, e => Assert.Equal(s, int.Parse(e.EventId.AsSpan(1), null) % 50));
        }

        static StreamKey Key(int stream) => new("acme", StreamKind.Thread, $"thread_{stream}");
    }

    [Fact]
    public async Task An_unexpected_head_is_a_conflict_and_appends_nothing()
    {
        Assert.True((await Log.AppendAsync(Thread1, [Event("a")], expected: new LogHead("", 1))).Conflict);
        AppendResult first = await Log.AppendAsync(Thread1, [Event("a")], expected: new LogHead("", 0));
        AppendResult conflict = await Log.AppendAsync(Thread1, [Event("b")], expected: new LogHead("", 0));
        AppendResult second = await Log.AppendAsync(Thread1, [Event("b")], expected: new LogHead("", 1));

        Assert.False(first.Conflict);
        Assert.Equal((true, 1, first.Epoch, 0), (conflict.Conflict, conflict.Head, conflict.Epoch, conflict.Events.Count));
        Assert.Equal((false, 2, false), (second.Conflict, second.Head, second.Events[0].Duplicate));
    }

    [Fact]
    public async Task Of_many_who_expect_the_same_head_one_wins()
    {
        await Append("a");

        AppendResult[] results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () => await Log.AppendAsync(Thread1, [Event($"b{i}")], expected: new LogHead("", 1)))));

        Assert.Single(results, r => !r.Conflict);
        Assert.Equal(2, (await Log.HeadAsync(Thread1)).Seq);
    }

    [Fact]
    public async Task A_snapshot_replaces_an_older_one_and_never_a_newer_one()
    {
        await Append("a", "b", "c");
        Assert.Null(await Log.LoadSnapshotAsync(Thread1));

        await Log.SaveSnapshotAsync(Thread1, new Snapshot(2, Unfinished: true, "two"u8.ToArray()));
        await Log.SaveSnapshotAsync(Thread1, new Snapshot(3, Unfinished: false, "three"u8.ToArray()));
        await Log.SaveSnapshotAsync(Thread1, new Snapshot(1, Unfinished: true, "one"u8.ToArray()));

        Snapshot? loaded = await Log.LoadSnapshotAsync(Thread1);
        Assert.Equal((3, false, "three"), (loaded!.Seq, loaded.Unfinished, Encoding.UTF8.GetString(loaded.State.Span)));
        Assert.Null(await Log.LoadSnapshotAsync(Thread1 with { Id = "nobody" }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Log.SaveSnapshotAsync(Thread1, new Snapshot(4, Unfinished: false, default)));
    }

    [Fact]
    public async Task A_stream_is_unsettled_until_a_finished_snapshot_covers_its_head()
    {
        Assert.Empty(await Log.UnsettledAsync().ToListAsync());
        await Append("a", "b");
        Assert.Equal([Thread1], await Log.UnsettledAsync().ToListAsync());

        await Log.SaveSnapshotAsync(Thread1, new Snapshot(2, Unfinished: true, default));
        Assert.Equal([Thread1], await Log.UnsettledAsync().ToListAsync());

        await Log.SaveSnapshotAsync(Thread1, new Snapshot(2, Unfinished: false, default));
        Assert.Empty(await Log.UnsettledAsync().ToListAsync());

        await Append("c");
        Assert.Equal([Thread1], await Log.UnsettledAsync().ToListAsync());
    }

    private protected NewLogEvent Event(string id, bool idempotent = true, int bytes = 20, TimeSpan age = default) =>
        new(id, idempotent, "agent_delta", Clock.NowMs - (long)age.TotalMilliseconds, new byte[bytes]);

    private protected async Task<AppendResult> Append(params string[] ids) => await Log.AppendAsync(Thread1, [.. ids.Select(id => Event(id))]);

    protected async Task<string> AppendMany(int count, int perBatch = 250)
    {
        string epoch = "";
        for (int i = 0; i < count; i += perBatch)
        {
            int first = (int)(await Log.HeadAsync(Thread1)).Seq + 1;
            epoch = (await Log.AppendAsync(Thread1, [.. Enumerable.Range(first, Math.Min(perBatch, count - i)).Select(n => Event($"e{n}", idempotent: false))])).Epoch;
        }

        return epoch;
    }

    /// <summary>Pages through the whole stream and checks that each page starts where the one before ended.</summary>
    private protected async Task<List<LogEntry>> ReadAll(int pageSize = 1_000)
    {
        List<LogEntry> all = [];
        StreamPosition after = StreamPosition.Start;
        while (true)
        {
            LogPage page = await Log.ReadAsync(Thread1, after, pageSize);
            if (page.Entries.Count == 0)
            {
                Assert.Equal(page.Head, after.Seq == 0 ? page.Lowest - 1 : after.Seq);
                return all;
            }

            all.AddRange(page.Entries);
            after = new StreamPosition(page.Epoch, all[^1].Seq);
        }
    }
}
