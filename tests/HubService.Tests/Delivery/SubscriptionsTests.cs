using System.Runtime.CompilerServices;
using HubService.Contracts;
using HubService.Delivery;
using HubService.Streams;
using HubService.Tests.Client;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Tests.Delivery;

public sealed class SubscriptionsTests : IDisposable
{
    private readonly Rig _rig = new(new DeliveryOptions { OutboxMessages = 64, ReplayPage = 10, SubscriptionsPerConnection = 5 });

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Nothing_is_written_before_the_answer_has_left()
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        await _rig.AppendAsync(20);
        (SubscribeResult result, Action answer) = await _rig.JoinAsync(connection, StreamPosition.Start, prelude: "Hello");
        await _rig.AppendAsync(20);
        connection.Read();
        Assert.Empty(connection.Received);
        Assert.Equal(20, result.Replayed);

        answer();
        await connection.ReadUntil(() => connection.Received.Count == 41);
        Assert.Equal("Hello", connection.Targets[0]);
        Assert.Equal(Rig.Run(1, 40), connection.Seqs);
    }

    [Theory]
    [InlineData(null, 25)]
    [InlineData("another", 7)]
    public async Task A_reset_is_told_as_it_was_answered_whatever_is_appended_before_it_leaves(string? epoch, long seq)
    {
        // The position was read again when the cursor started: 25 had become the seq of an event that its reader never saw.
        FakeConnection connection = _rig.Connect(64 * 1024);
        string present = (await _rig.AppendAsync(20)).Epoch;
        (SubscribeResult result, Action answer) = await _rig.JoinAsync(connection, new StreamPosition(epoch ?? present, seq), prelude: "Hello");
        await _rig.AppendAsync(10);
        answer();
        await connection.ReadUntil(() => connection.Seqs.LastOrDefault() == 30);
        Assert.Equal((false, 20, "Hello", "Reset"), (result.Recovered, result.Seq, connection.Targets[0], connection.Targets[1]));
        long lastValid = connection.Received[1].GetProperty("arguments")[0].GetProperty("payload").GetProperty("last_valid").GetInt64();
        Assert.Equal(result.Seq - result.Replayed, lastValid);
        Assert.Equal(Rig.Run(lastValid + 1, 30), connection.Seqs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_that_subscribe_at_once_the_one_that_joined_last_is_followed_by_its_events(bool lastStartsFirst)
    {
        // Each looked its cursor up when it started: both filled the last one, and an answer was followed by what the other had asked for.
        using Rig rig = new(streams: new StreamOptions { Thread = new Retention { Events = 10 } });
        FakeConnection connection = rig.Connect(64 * 1024);
        string epoch = (await rig.AppendAsync(30)).Epoch;
        Cursor[] joined = [(await rig.Subscriptions.JoinAsync(connection.Id, Rig.Stream))!, (await rig.Subscriptions.JoinAsync(connection.Id, Rig.Stream))!];
        StreamPosition[] positions = [StreamPosition.Start, new StreamPosition(epoch, 28)];
        var answers = new (SubscribeResult Result, Action Answer)[2];
        foreach (int i in lastStartsFirst ? [1, 0] : (int[])[0, 1])
        {
            answers[i] = await rig.StartAsync(joined[i], positions[i]);
            answers[i].Answer();
        }

        await rig.AppendAsync(1);
        await connection.ReadUntil(() => connection.Seqs.LastOrDefault() == 31);
        Assert.Equal((false, 10, true, 2), (answers[0].Result.Recovered, answers[0].Result.Replayed, answers[1].Result.Recovered, answers[1].Result.Replayed));
        Assert.Equal(Rig.Run(29, 31), connection.Seqs);
        Assert.Equal(3, connection.Received.Count);
        Assert.Equal(1, joined[1].Feed.MemberCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_fails_takes_its_own_cursor_along_and_no_later_one(bool later)
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        string epoch = (await _rig.AppendAsync(5)).Epoch;
        Cursor failing = (await _rig.Subscriptions.JoinAsync(connection.Id, Rig.Stream))!;
        if (later)
        {
            await _rig.SubscribeAsync(connection, new StreamPosition(epoch, 3));
        }

        await Assert.ThrowsAsync<LogException>(() => _rig.StartAsync(failing, null, _ => throw new LogException(ErrorCodes.StoreUnavailable, "")));
        await _rig.AppendAsync(1);
        await connection.ReadUntil(() => connection.Seqs.LastOrDefault() == (later ? 6 : 0));
        Assert.Equal(later ? Rig.Run(4, 6) : [], connection.Seqs);
        Assert.Equal(later ? 1 : 0, connection.Outbox.Cursors.Count);
        Assert.Equal(later ? 1 : 0, _rig.Feeds.Count);
    }

    [Fact]
    public async Task A_cursor_that_was_taken_off_before_it_started_does_not_start()
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        Cursor cursor = (await _rig.Subscriptions.JoinAsync(connection.Id, Rig.Stream))!;
        _rig.Subscriptions.Leave(connection.Id, Rig.Stream.Group);
        (await _rig.StartAsync(cursor)).Answer();
        await _rig.AppendAsync(1);
        Assert.Equal(CursorMode.Stopped, cursor.Mode);
        Assert.Empty(connection.Outbox.Cursors);
        Assert.Equal(0, _rig.Feeds.Count);
    }

    [Fact]
    public async Task An_answer_that_never_leaves_keeps_nothing_in_memory()
    {
        WeakReference connection = await JoinAndForget();
        await Wait.Until(() =>
        {
            GC.Collect();
            return !connection.IsAlive;
        });
        Assert.Equal(0, _rig.Feeds.Count);
    }

    [Fact]
    public async Task Whoever_stays_gets_every_event_once_while_others_come_and_go()
    {
        var random = new Random(17);
        List<(FakeConnection Connection, long Since)> members = [];
        List<(FakeConnection Connection, long[] Seqs)> left = [];
        AppendResult last = await _rig.AppendAsync(1);
        for (int turn = 0; turn < 300; turn++)
        {
            if (members.Count == 0 || random.Next(5) < 3)
            {
                FakeConnection joiner = _rig.Connect();
                await _rig.SubscribeAsync(joiner);
                members.Add((joiner, last.Head));
            }
            else
            {
                int leaver = random.Next(members.Count);
                (FakeConnection connection, long since) = members[leaver];
                members.RemoveAt(leaver);
                await connection.ReadUntil(() => connection.Seqs.Length == last.Head - since);

                // Leaving twice takes out nobody else.
                _rig.Subscriptions.Leave(connection.Id, Rig.Stream.Group);
                _rig.Subscriptions.Leave(connection.Id, Rig.Stream.Group);
                left.Add((connection, Rig.Run(since + 1, last.Head)));
            }

            if (turn % 3 == 0)
            {
                last = await _rig.AppendAsync(1);
            }

            members.ForEach(m => m.Connection.Read());
        }

        foreach ((FakeConnection connection, long since) in members)
        {
            await connection.ReadUntil(() => connection.Seqs.Length == last.Head - since);
            Assert.Equal(Rig.Run(since + 1, last.Head), connection.Seqs);
            _rig.Subscriptions.Leave(connection.Id, Rig.Stream.Group);
        }

        foreach ((FakeConnection connection, long[] seqs) in left)
        {
            connection.Read();
            Assert.Equal(seqs, connection.Seqs);
        }

        Assert.Equal(0, _rig.Feeds.Count);
    }

    [Fact]
    public async Task After_joining_again_nothing_of_the_old_cursor_comes_any_more()
    {
        // What waited for the old cursor was written behind the answer, and then again by the new cursor.
        FakeConnection connection = _rig.Connect();
        await _rig.SubscribeAsync(connection);
        AppendResult last = await _rig.AppendAsync(60);
        Assert.InRange(connection.Outbox.Queued.Events, 1, 64);

        (_, Action answer) = await _rig.JoinAsync(connection, new StreamPosition(last.Epoch, 3));
        await connection.ReadUntil(() => connection.Outbox.Queued.Events == 0);
        int before = connection.Received.Count;
        answer();
        await connection.ReadUntil(() => connection.Received.Count - before >= 57);
        Assert.InRange(before, 0, 30);
        Assert.Equal(Rig.Run(4, 60), connection.Seqs[before..]);
    }

    [Fact]
    public async Task After_leaving_nothing_comes_any_more()
    {
        FakeConnection connection = _rig.Connect();
        await _rig.SubscribeAsync(connection);
        await _rig.AppendAsync(60);
        _rig.Subscriptions.Leave(connection.Id, Rig.Stream.Group);
        Assert.True(connection.Outbox.Send(Rig.Control("Left")));
        await connection.ReadUntil(() => connection.Targets.Contains("Left"));

        Assert.Equal("Left", connection.Targets[^1]);
        Assert.InRange(connection.Seqs.Length, 1, 30);
        Assert.Equal(0, _rig.Feeds.Count);
    }

    [Fact]
    public async Task Leaving_in_the_middle_of_a_replay_ends_it()
    {
        FakeConnection connection = _rig.Connect();
        await _rig.AppendAsync(200);
        await _rig.SubscribeAsync(connection, StreamPosition.Start);
        await connection.ReadUntil(() => connection.Seqs.Length > 10);
        _rig.Subscriptions.Leave(connection.Id, Rig.Stream.Group);
        Assert.True(connection.Outbox.Send(Rig.Control("Left")));
        await connection.ReadUntil(() => connection.Targets.Contains("Left"));

        Assert.Equal("Left", connection.Targets[^1]);
        Assert.InRange(connection.Seqs.Length, 10, 60);
    }

    [Fact]
    public async Task A_log_that_is_ahead_of_its_followers_gives_each_event_once()
    {
        // SQLite commits before it tells: a cursor read from the log what the feed had not heard of, was never level with
        // its head, and asked the log again and again, on the very threads that were to tell the feed.
        SteeredLog? log = null;
        using var rig = new Rig(wrap: inner => log = new SteeredLog(inner));
        FakeConnection connection = rig.Connect(64 * 1024);
        await rig.SubscribeAsync(connection);
        await rig.AppendAsync(10);
        log!.Holds = true;
        await rig.AppendAsync(10);
        await rig.SubscribeAsync(connection, StreamPosition.Start);
        await Wait.Until(() => connection.Outbox.Find(Rig.Stream.Group)!.Mode == CursorMode.Live);
        connection.Read();
        int before = connection.Seqs.Length;
        Assert.Equal(Rig.Run(1, 20), connection.Seqs[10..]);
        Assert.InRange(log.Reads, 1, 4);

        log.Release();
        await rig.AppendAsync(5);
        await connection.ReadUntil(() => connection.Seqs.Length >= before + 5);
        Assert.Equal(Rig.Run(21, 25), connection.Seqs[before..]);
    }

    [Theory]
    [InlineData("wrong", 5, "Reset")]
    [InlineData("wrong", 30, "Reset")]
    [InlineData("", 30, "Reset")]
    [InlineData(null, 31, "Reset")]
    [InlineData(null, 900, "Reset")]
    public async Task A_position_that_does_not_hold_is_told_before_any_event(string? epoch, long seq, string told)
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        AppendResult last = await _rig.AppendAsync(30);
        SubscribeResult result = await _rig.SubscribeAsync(connection, new StreamPosition(epoch ?? last.Epoch, seq));
        await connection.ReadUntil(() => connection.Received.Count > 0);
        await _rig.AppendAsync(1);
        await connection.ReadUntil(() => connection.Seqs.Contains(31));

        Assert.False(result.Recovered);
        Assert.Equal(told, connection.Targets[0]);
        Assert.Equal(epoch is null ? Rig.Run(31, 31) : Rig.Run(1, 31), connection.Seqs);
    }

    [Fact]
    public async Task A_new_epoch_is_never_entered_silently()
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        await _rig.SubscribeAsync(connection);
        await _rig.AppendAsync(3);
        Cursor cursor = connection.Outbox.Find(Rig.Stream.Group)!;
        Assert.False(connection.Outbox.Post(cursor, EventChunk.Take(StreamKind.Thread, "another", [new LogEntry(4, "evt_4", "status_update", 0, "{}"u8.ToArray())], 0)));
        await Wait.Until(() => cursor.Mode == CursorMode.Live);
        await _rig.AppendAsync(1);
        await connection.ReadUntil(() => connection.Seqs.Length == 4);
        Assert.Equal(Rig.Run(1, 4), connection.Seqs);
    }

    [Fact]
    public async Task A_failed_subscribe_leaves_no_subscription_behind()
    {
        SteeredLog? log = null;
        using var rig = new Rig(wrap: inner => log = new SteeredLog(inner));
        FakeConnection connection = rig.Connect();
        await rig.SubscribeAsync(connection);
        log!.Fails = true;
        await Assert.ThrowsAsync<LogException>(() => rig.SubscribeAsync(connection, StreamPosition.Start));
        Assert.Empty(connection.Outbox.Cursors);
        Assert.Equal(0, rig.Feeds.Count);
    }

    [Fact]
    public async Task Connections_that_come_join_and_go_at_once_leave_nothing_behind()
    {
        // Leaving and closing at the same time gave the feed back twice, and others who used it stopped hearing.
        FakeConnection staying = _rig.Connect(64 * 1024);
        await _rig.SubscribeAsync(staying);
        Task appending = Task.Run(() => _rig.AppendAsync(2_000, 10));
        FakeConnection[] connections = [.. Enumerable.Range(0, 300).Select(_ => _rig.Connect())];
        Task reading = staying.ReadUntil(() => staying.Seqs.Length == 2_000);
        await Parallel.ForEachAsync(connections, async (c, _) =>
        {
            for (int i = 0; i < 5; i++)
            {
                await _rig.SubscribeAsync(c, i % 2 == 0 ? StreamPosition.Start : null, new StreamKey("t", StreamKind.Thread, i < 3 ? "a" : $"x{i}"));
            }

            Task leaving = Task.Run(() => _rig.Subscriptions.Leave(c.Id, Rig.Stream.Group), CancellationToken.None);
            Task joining = Task.Run(() => _rig.Subscriptions.JoinAsync(c.Id, Rig.Stream), CancellationToken.None);
            _rig.Subscriptions.Forget(c.Id);
            await Task.WhenAll(leaving, joining);
        });
        await appending;
        await reading;

        Assert.Equal(Rig.Run(1, 2_000), staying.Seqs);
        Assert.Same(staying.Outbox, Assert.Single(_rig.Outboxes.All));
        Assert.Equal(1, _rig.Feeds.Count);
        Assert.Equal(1, staying.Outbox.Find(Rig.Stream.Group)!.Feed.MemberCount);
        _rig.Subscriptions.Forget(staying.Id);
        Assert.Equal(0, _rig.Feeds.Count);
    }

    [Fact]
    public async Task A_connection_joins_as_many_streams_as_it_may()
    {
        FakeConnection connection = _rig.Connect();
        for (int i = 0; i < 5; i++)
        {
            Assert.NotNull(await _rig.Subscriptions.JoinAsync(connection.Id, new StreamKey("t", StreamKind.Thread, $"s{i}")));
        }

        await Assert.ThrowsAsync<HubException>(() => _rig.Subscriptions.JoinAsync(connection.Id, new StreamKey("t", StreamKind.Thread, "s5")));
        Assert.NotNull(await _rig.Subscriptions.JoinAsync(connection.Id, new StreamKey("t", StreamKind.Thread, "s4")));
        Assert.Equal(5, _rig.Feeds.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> JoinAndForget()
    {
        FakeConnection connection = _rig.Connect();
        await _rig.AppendAsync(1);
        await _rig.JoinAsync(connection, StreamPosition.Start);
        _rig.Subscriptions.Forget(connection.Id);
        return new WeakReference(connection.Outbox);
    }
}
