using HubService.Contracts;
using HubService.Delivery;
using HubService.Streams;
using HubService.Tests.Client;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Tests.Delivery;

public class OutboxTests : IDisposable
{
    private static readonly StreamKey Other = new("t", StreamKind.Thread, "b");
    private readonly Rig _rig;

    public OutboxTests()
        : this(new JsonHubProtocol())
    {
    }

    protected OutboxTests(IHubProtocol protocol) => _rig = new Rig(new DeliveryOptions { OutboxMessages = 16, OutboxBytes = 16 * 1024, ReplayPage = 10 }, protocol: protocol);

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_connection_that_keeps_up_gets_each_event_at_once()
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        await _rig.SubscribeAsync(connection);
        for (int i = 1; i <= 50; i++)
        {
            await _rig.AppendAsync(1);
            connection.Read();
            Assert.Equal(i, connection.Seqs.Length);
        }

        Assert.Equal(Rig.Run(1, 50), connection.Seqs);
    }

    [Fact]
    public async Task A_full_queue_is_dropped_and_the_connection_catches_up_without_a_hole()
    {
        FakeConnection connection = _rig.Connect();
        await _rig.SubscribeAsync(connection);
        int most = 0;
        for (int i = 0; i < 500; i++)
        {
            await _rig.AppendAsync(1);
            most = Math.Max(most, connection.Outbox.Queued.Events);
        }

        Assert.InRange(most, 1, 16);
        Assert.Equal(CursorMode.Behind, connection.Outbox.Find(Rig.Stream.Group)!.Mode);
        await connection.ReadUntil(() => connection.Seqs.Length >= 500);
        Assert.Equal(Rig.Run(1, 500), connection.Seqs);

        await Wait.Until(() => connection.Outbox.Find(Rig.Stream.Group)!.Mode == CursorMode.Live);
        await _rig.AppendAsync(1);
        await connection.ReadUntil(() => connection.Seqs.Length == 501);
        Assert.Equal(Rig.Run(1, 501), connection.Seqs);
        Assert.Equal((0, 0), connection.Outbox.Queued);
    }

    [Fact]
    public async Task A_reader_that_comes_and_goes_while_events_are_appended_misses_nothing()
    {
        FakeConnection connection = _rig.Connect();
        await _rig.SubscribeAsync(connection);
        for (int i = 0; i < 2_000; i++)
        {
            await _rig.AppendAsync(1);
            if (i % 37 == 0 || i % 113 < 20)
            {
                connection.Read();
            }
        }

        await connection.ReadUntil(() => connection.Seqs.Length >= 2_000);
        Assert.Equal(Rig.Run(1, 2_000), connection.Seqs);
    }

    [Fact]
    public async Task What_is_in_no_log_is_never_dropped_and_keeps_its_order()
    {
        FakeConnection connection = _rig.Connect();
        await _rig.SubscribeAsync(connection);
        for (int i = 0; i < 40; i++)
        {
            await _rig.AppendAsync(10);
            Assert.True(connection.Outbox.Send(Rig.Control($"Told{i}")));
        }

        await connection.ReadUntil(() => connection.Received.Count >= 440);
        Assert.Equal(Rig.Run(1, 400), connection.Seqs);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"Told{i}"), connection.Targets.Where(t => t.StartsWith("Told", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_connection_that_cannot_even_take_what_is_in_no_log_is_cut()
    {
        // It used to be left out, and the connection went on without ever knowing of it.
        FakeConnection connection = _rig.Connect();
        int accepted = 0;
        while (connection.Outbox.Send(Rig.Control("Told")))
        {
            Assert.InRange(++accepted, 0, 10_000);
        }

        await Wait.Until(() => connection.Cut);
        Assert.Equal((0, 0), connection.Outbox.Queued);
    }

    [Fact]
    public async Task A_connection_that_takes_nothing_is_cut_after_the_stall_timeout()
    {
        FakeConnection stalled = _rig.Connect();
        FakeConnection reading = _rig.Connect(64 * 1024);
        await _rig.SubscribeAsync(stalled);
        await _rig.SubscribeAsync(reading);
        await _rig.AppendAsync(200);
        await reading.ReadUntil(() => reading.Seqs.Length == 200);

        _rig.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, _rig.Outboxes.CloseStalledOnce());
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _rig.Outboxes.CloseStalledOnce());
        Assert.Equal(0, _rig.Outboxes.CloseStalledOnce());
        await Wait.Until(() => stalled.Cut);
        Assert.False(reading.Cut);
        Assert.False(stalled.Outbox.Send(Rig.Control("Told")));
        Assert.Equal((0, 0), stalled.Outbox.Queued);
    }

    [Fact]
    public async Task A_connection_that_reads_a_little_within_every_timeout_is_never_cut()
    {
        FakeConnection connection = _rig.Connect();
        await _rig.SubscribeAsync(connection);
        await _rig.AppendAsync(200);
        for (int i = 0; connection.Seqs.Length < 200; i++)
        {
            _rig.Clock.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal(0, _rig.Outboxes.CloseStalledOnce());
            for (int half = 0; half < 2 && connection.Seqs.Length < 200; half++)
            {
                // The second time it is what was written after the first, and at the present time.
                int before = connection.Received.Count;
                await connection.ReadUntil(() => connection.Received.Count > before);
            }
        }

        Assert.Equal(Rig.Run(1, 200), connection.Seqs);
    }

    [Fact]
    public async Task A_long_replay_holds_another_stream_up_for_no_more_than_a_page()
    {
        FakeConnection connection = _rig.Connect();
        await _rig.AppendAsync(200);
        await _rig.SubscribeAsync(connection, stream: Other);
        await _rig.SubscribeAsync(connection, StreamPosition.Start);
        await Wait.Until(() => connection.Outbox.Queued.Events == 0);
        await _rig.AppendAsync(1, stream: Other);
        int before = connection.Received.Count;
        await connection.ReadUntil(() => connection.Received.Count >= 201);

        // The page that is being written, and what the connection had taken already.
        Assert.InRange(connection.Received.FindIndex(m => m.GetProperty("arguments")[0].GetProperty("seq").GetInt64() == 1 && connection.Received.IndexOf(m) > 0) - before, 0, 30);
    }

    [Fact]
    public async Task A_busy_stream_does_not_keep_a_replay_of_another_one_waiting()
    {
        // The queue went first as long as anything was in it, so a stream that never let it run empty starved the others.
        FakeConnection connection = _rig.Connect();
        await _rig.AppendAsync(50, size: 7, Other);
        await _rig.SubscribeAsync(connection);
        await _rig.AppendAsync(15);
        await _rig.SubscribeAsync(connection, StreamPosition.Start, Other);
        int busy = 15;
        await connection.ReadUntil(() =>
        {
            while (connection.Outbox.Queued.Events is > 0 and < 12)
            {
                _rig.AppendAsync(1).GetAwaiter().GetResult();
                busy++;
            }

            return connection.Received.Count(m => m.GetProperty("arguments")[0].GetProperty("text").GetString()!.Length == 7) == 50;
        });
        Assert.InRange(busy, 15, 2_000);
    }

    [Fact]
    public async Task A_failing_log_cuts_the_connection_so_that_its_client_asks_again()
    {
        SteeredLog? failing = null;
        using var rig = new Rig(new DeliveryOptions { OutboxMessages = 4 }, wrap: log => failing = new SteeredLog(log));
        FakeConnection connection = rig.Connect();
        await rig.SubscribeAsync(connection);
        await rig.AppendAsync(100);
        failing!.Fails = true;
        connection.Read();
        await connection.ReadUntil(() => connection.Cut);
    }
}
