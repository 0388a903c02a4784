using HubService.Contracts;
using HubService.Delivery;
using HubService.Streams;
using HubService.Tests.Client;

namespace HubService.Tests.Delivery;

/// <summary>A stream that goes on under another epoch, or whose batches were lost on their way to this node.</summary>
public sealed class ForkTests : IDisposable
{
    private readonly SteeredLog _log;
    private readonly Rig _rig;

    public ForkTests()
    {
        SteeredLog? log = null;
        _rig = new Rig(wrap: inner => log = new SteeredLog(inner));
        _log = log!;
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task What_was_never_handed_over_is_read_when_the_log_says_so()
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        await _rig.SubscribeAsync(connection);
        await _rig.AppendAsync(3);
        _log.Loses = true;
        await _rig.AppendAsync(5);
        _log.Loses = false;
        await _log.AnnounceAsync(Rig.Stream);
        await connection.ReadUntil(() => connection.Seqs.Length == 8);
        await _rig.AppendAsync(2);

        await connection.ReadUntil(() => connection.Seqs.Length == 10);
        Assert.Equal(Rig.Run(1, 10), connection.Seqs);
    }

    [Fact]
    public async Task What_waits_for_a_slow_connection_comes_once_when_the_log_must_be_read()
    {
        FakeConnection connection = _rig.Connect(room: 512);
        await _rig.SubscribeAsync(connection);
        await _rig.AppendAsync(40);
        Assert.True(connection.Outbox.Queued.Events > 0);
        await _log.AnnounceAsync(Rig.Stream);
        await _rig.AppendAsync(10);

        await connection.ReadUntil(() => connection.Seqs.Length >= 50);
        await Wait.Until(() => connection.Outbox.Find(Rig.Stream.Group)!.Mode == CursorMode.Live);
        connection.Read();
        Assert.Equal(Rig.Run(1, 50), connection.Seqs);
    }

    [Fact]
    public async Task A_cursor_goes_on_in_a_new_epoch_in_which_nothing_was_lost()
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        await _rig.SubscribeAsync(connection);
        await _rig.AppendAsync(3);
        _log.Epoch = "another";
        await _log.AnnounceAsync(Rig.Stream);
        await Wait.Until(() => connection.Outbox.Find(Rig.Stream.Group)!.Mode == CursorMode.Live);
        Assert.Equal(new StreamPosition("another", 3), connection.Outbox.Find(Rig.Stream.Group)!.Written);
        await _rig.AppendAsync(2);

        await connection.ReadUntil(() => connection.Seqs.Length == 5);
        Assert.Equal(Rig.Run(1, 5), connection.Seqs);
        Assert.DoesNotContain("Reset", connection.Targets);
    }

    [Fact]
    public async Task A_feed_that_was_not_told_of_a_new_epoch_learns_it_from_who_has_read_it()
    {
        // A cursor that read the new epoch before its feed heard of it was never level with the feed, and asked the log again and again.
        FakeConnection early = _rig.Connect(64 * 1024), late = _rig.Connect(64 * 1024);
        await _rig.SubscribeAsync(early);
        AppendResult last = await _rig.AppendAsync(3);
        _log.Epoch = "another";
        _log.Loses = true;
        await _rig.AppendAsync(1);
        await _rig.SubscribeAsync(late, new StreamPosition(last.Epoch, 4));
        await Wait.Until(() => late.Outbox.Find(Rig.Stream.Group)!.Mode == CursorMode.Live);
        _log.Loses = false;
        await _rig.AppendAsync(1);

        await late.ReadUntil(() => late.Seqs.Length == 1);
        await early.ReadUntil(() => early.Seqs.Length == 5);
        Assert.Equal(Rig.Run(5, 5), late.Seqs);
        Assert.Equal(Rig.Run(1, 5), early.Seqs);
        Assert.InRange(_log.Reads, 1, 8);
    }

    [Fact]
    public async Task An_answer_never_names_a_head_before_the_one_that_was_known()
    {
        FakeConnection connection = _rig.Connect(64 * 1024);
        AppendResult last = await _rig.AppendAsync(3);
        _log.Head = 5;

        SubscribeResult result = await _rig.SubscribeAsync(connection, new StreamPosition(last.Epoch, 1));

        Assert.Equal((5, 4), (result.Seq, result.Replayed));
    }

    [Theory]
    [InlineData(StreamKind.Thread, "thread_updated", true)]
    [InlineData(StreamKind.Thread, "thread_deleted", true)]
    [InlineData(StreamKind.Thread, "status_update", false)]
    [InlineData(StreamKind.User, "thread_deleted", false)]
    public async Task Whoever_follows_is_looked_at_again_when_an_event_can_change_who_may(string kind, string type, bool news)
    {
        var stream = new StreamKey("t", kind, "a");
        await _rig.SubscribeAsync(_rig.Connect(64 * 1024), stream: stream);
        await _rig.Log.AppendAsync(stream, [new NewLogEvent("evt_1", false, type, 0, "{}"u8.ToArray())]);
        _rig.News.Add(new StreamKey("t", StreamKind.Thread, "last"));

        await using IAsyncEnumerator<StreamKey> changed = _rig.News.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await changed.MoveNextAsync());
        Assert.Equal(news ? stream : new StreamKey("t", StreamKind.Thread, "last"), changed.Current);
    }

    [Fact]
    public async Task Whoever_follows_is_looked_at_again_after_events_that_were_not_handed_over()
    {
        await _rig.SubscribeAsync(_rig.Connect(64 * 1024));
        await _log.AnnounceAsync(Rig.Stream);

        await using IAsyncEnumerator<StreamKey> changed = _rig.News.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await changed.MoveNextAsync());
        Assert.Equal(Rig.Stream, changed.Current);
    }
}
