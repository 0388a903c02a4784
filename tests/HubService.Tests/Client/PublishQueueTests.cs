using System.Text.Json.Nodes;
using HubService.Client;
using HubService.Contracts;

namespace HubService.Tests.Client;

public class PublishQueueTests
{
    private readonly SteppedClock _clock = new();
    private readonly List<string[]> _sent = [];
    private readonly List<StreamPosition> _asked = [];
    private readonly List<(StreamReset, int)> _rolledBack = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Queue<TaskCompletionSource<IReadOnlyList<PublishResult>>> _answers = new();
    private StreamReset? _reset;

    [Fact]
    public async Task One_batch_is_in_flight_and_what_comes_meanwhile_is_the_next()
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 1);
        await ArrivedAsync();
        Task<PublishResult> b = queue.Enqueue("b", 1);
        Task<PublishResult> c = queue.Enqueue("c", 1);
        Ok("a");
        await ArrivedAsync();
        Ok("b", "c");
        Assert.Equal("a", (await a).EventId);
        Assert.Equal("b", (await b).EventId);
        Assert.Equal("c", (await c).EventId);
        Assert.Equal([["a"], ["b", "c"]], _sent);
    }

    [Fact]
    public async Task A_retry_sends_the_same_events_first_and_in_order()
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 1);
        await ArrivedAsync();
        Task<PublishResult> b = queue.Enqueue("b", 1);
        Throw(ErrorCodes.OutcomeUnknown);
        await ArrivedAsync();
        Ok("a", "b");
        await Task.WhenAll(a, b);
        Assert.Equal([["a"], ["a", "b"]], _sent);
    }

    [Fact]
    public async Task A_refused_event_fails_alone()
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> first = queue.Enqueue("first", 1);
        await ArrivedAsync();
        Task<PublishResult> bad = queue.Enqueue("bad", 1);
        Task<PublishResult> good = queue.Enqueue("good", 1);
        Ok("first");
        await first;
        await ArrivedAsync();
        Throw(ErrorCodes.PayloadTooLarge);
        await ArrivedAsync();
        Throw(ErrorCodes.PayloadTooLarge);
        await ArrivedAsync();
        Ok("good");
        Assert.Equal(ErrorCodes.PayloadTooLarge, (await Assert.ThrowsAsync<HubClientException>(() => bad)).Code);
        await good;
        Assert.Equal([["first"], ["bad", "good"], ["bad"], ["good"]], _sent);
    }

    [Fact]
    public async Task Only_the_events_with_a_retryable_answer_are_sent_again()
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 1);
        await ArrivedAsync();
        Ok("a");
        await a;
        Task<PublishResult> b = queue.Enqueue("b", 1);
        await ArrivedAsync();
        Answer(new PublishResult { Error = new HubError(ErrorCodes.StoreUnavailable, "no store") });
        await ArrivedAsync();
        Ok("b");
        await b;
        Assert.Equal([["a"], ["b"], ["b"]], _sent);
    }

    [Fact]
    public async Task The_hub_says_how_long_to_wait()
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 1);
        await ArrivedAsync();
        Answer(new PublishResult { Error = new HubError(ErrorCodes.RateLimited, "slow down").With("retry_after_ms", JsonValue.Create(2000L)) });
        Task again = ArrivedAsync();

        // Once the queue waits, and not before: a clock that runs ahead of it would run past the event's deadline.
        await Wait.Until(() => _clock.Awaits(TimeSpan.FromSeconds(2)));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await again;
        Ok("a");
        await a;
    }

    [Fact]
    public async Task After_the_deadline_an_event_fails_with_the_last_error()
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 1);
        await ArrivedAsync();
        _clock.Advance(TimeSpan.FromSeconds(30));
        Throw(ErrorCodes.StoreUnavailable);
        Assert.Equal(ErrorCodes.StoreUnavailable, (await Assert.ThrowsAsync<HubClientException>(() => a)).Code);
    }

    /// <summary>An event that may have been published was said not to have been sent, when the next attempt found no connection.</summary>
    [Theory]
    [InlineData(ErrorCodes.OutcomeUnknown)]
    [InlineData(ErrorCodes.Internal)]
    public async Task What_may_have_been_kept_stays_in_doubt_and_what_was_never_sent_does_not(string code)
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 1);
        await ArrivedAsync();
        Task<PublishResult> b = queue.Enqueue("b", 1);
        Throw(code);
        await ArrivedAsync();
        _clock.Advance(TimeSpan.FromSeconds(30));
        Next().SetException(HubClientException.NotConnected());
        Assert.Equal(code, (await Assert.ThrowsAsync<HubClientException>(() => a)).Code);
        Assert.Equal(ClientErrorCodes.NotConnected, (await Assert.ThrowsAsync<HubClientException>(() => b)).Code);
        Assert.Equal([["a"], ["a", "b"]], _sent);
    }

    /// <summary>What waited behind events that the hub refused until the deadline was said to have had no connection.</summary>
    [Fact]
    public async Task What_waited_behind_a_refusal_fails_with_it()
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 600_000);
        await ArrivedAsync();
        Task<PublishResult> b = queue.Enqueue("b", 600_000);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Throw(ErrorCodes.StoreUnavailable);
        Assert.Equal(ErrorCodes.StoreUnavailable, (await Assert.ThrowsAsync<HubClientException>(() => a)).Code);
        Assert.Equal(ErrorCodes.StoreUnavailable, (await Assert.ThrowsAsync<HubClientException>(() => b)).Code);
        Assert.Equal([["a"]], _sent);
    }

    /// <summary>An event whose attempt ended while it waited for a connection was said to be perhaps published.</summary>
    [Theory]
    [InlineData(ClientErrorCodes.NotConnected)]
    [InlineData(ErrorCodes.OutcomeUnknown)]
    public async Task A_cancelled_attempt_says_whether_anything_was_sent(string code)
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 1);
        await ArrivedAsync();
        _clock.Advance(TimeSpan.FromSeconds(30));
        Next().SetException(new OperationCanceledException("test", new HubClientException(new HubError(code, "test"))));
        Assert.Equal(code, (await Assert.ThrowsAsync<HubClientException>(() => a)).Code);
    }

    [Fact]
    public async Task A_batch_stays_below_its_size()
    {
        PublishQueue<string> queue = NewQueue();
        Task<PublishResult> a = queue.Enqueue("a", 1);
        await ArrivedAsync();
        Task<PublishResult> b = queue.Enqueue("b", 600_000);
        Task<PublishResult> c = queue.Enqueue("c", 600_000);
        Ok("a");
        await ArrivedAsync();
        Ok("b");
        await ArrivedAsync();
        Ok("c");
        await Task.WhenAll(a, b, c);
        Assert.Equal([["a"], ["b"], ["c"]], _sent);
    }

    [Fact]
    public async Task What_a_reset_rolled_back_is_sent_again_before_anything_newer_and_waits_for_its_own_answer()
    {
        PublishQueue<string> queue = NewQueue();
        await PublishAsync(queue, "a", "e1", 1);
        await PublishAsync(queue, "b", "e1", 2);
        await PublishAsync(queue, "c", "e1", 3);
        Task<PublishResult> d = queue.Enqueue("d", 1);
        await ArrivedAsync();
        Task<PublishResult> e = queue.Enqueue("e", 1);
        queue.Doubt(_reset = new StreamReset("thread:t", "e2", 1));
        Throw(ErrorCodes.StoreUnavailable);
        await ArrivedAsync();
        Answer(At("e2", 2), At("e2", 3), At("e2", 4), At("e2", 5));

        Assert.Equal([4, 5], [(await d).Seq, (await e).Seq]);
        Assert.Equal([["a"], ["b"], ["c"], ["d"], ["b", "c", "d", "e"]], _sent);
        Assert.Equal([new StreamPosition("e1", 3)], _asked);
        Assert.Equal([(_reset, 2)], _rolledBack);
    }

    [Fact]
    public async Task An_answer_in_another_epoch_makes_it_ask_before_it_sends_more()
    {
        PublishQueue<string> queue = NewQueue();
        await PublishAsync(queue, "a", "e1", 1);
        await PublishAsync(queue, "b", "e1", 2);
        _reset = new StreamReset("thread:t", "e2", 1);
        await PublishAsync(queue, "c", "e2", 2);
        await ArrivedAsync();
        Answer(At("e2", 3));
        await PublishAsync(queue, "d", "e2", 4);

        Assert.Equal([["a"], ["b"], ["c"], ["b"], ["d"]], _sent);
        Assert.Equal([new StreamPosition("e1", 2)], _asked);
    }

    [Fact]
    public async Task Another_epoch_alone_sends_nothing_again()
    {
        PublishQueue<string> queue = NewQueue();
        await PublishAsync(queue, "a", "e1", 1);
        await PublishAsync(queue, "b", "e2", 2);
        await PublishAsync(queue, "c", "e2", 3);

        Assert.Equal([["a"], ["b"], ["c"]], _sent);
        Assert.Equal([new StreamPosition("e1", 1)], _asked);
        Assert.Empty(_rolledBack);
    }

    [Fact]
    public async Task A_stream_that_was_lost_as_a_whole_is_published_again_and_not_doubted_when_it_begins_anew()
    {
        PublishQueue<string> queue = NewQueue();
        await PublishAsync(queue, "a", "e1", 1);
        queue.Doubt(_reset = new StreamReset("thread:t", "", 0));
        await ArrivedAsync();
        Answer(At("e2", 1));
        await PublishAsync(queue, "b", "e2", 2);

        Assert.Equal([["a"], ["a"], ["b"]], _sent);
        Assert.Equal([new StreamPosition("e1", 1)], _asked);
    }

    [Fact]
    public async Task A_subscription_that_has_ended_sends_nothing_again()
    {
        PublishQueue<string> queue = NewQueue();
        await PublishAsync(queue, "a", "e1", 1);
        queue.Doubt(new StreamReset("thread:t", "", 0));
        await PublishAsync(queue, "b", "e1", 2);

        Assert.Equal([["a"], ["b"]], _sent);
        Assert.Empty(_rolledBack);
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_news_of_its_rollback_is_doubted_too()
    {
        PublishQueue<string> queue = NewQueue();
        await PublishAsync(queue, "a", "e1", 1);
        _reset = new StreamReset("thread:t", "e2", 1);
        queue.Doubt(_reset);
        Task<PublishResult> b = queue.Enqueue("b", 1);
        await ArrivedAsync();
        Answer(At("e1", 2));
        await b;
        await ArrivedAsync();
        Answer(At("e2", 2));
        await PublishAsync(queue, "c", "e2", 3);

        Assert.Equal([["a"], ["b"], ["b"], ["c"]], _sent);
        Assert.Equal([new StreamPosition("e1", 1), new StreamPosition("e1", 2)], _asked);
    }

    private async Task PublishAsync(PublishQueue<string> queue, string e, string epoch, long seq)
    {
        Task<PublishResult> done = queue.Enqueue(e, 1);
        await ArrivedAsync();
        Answer(At(epoch, seq));
        await done;
    }

    private static PublishResult At(string epoch, long seq) => new() { Epoch = epoch, Seq = seq };

    private PublishQueue<string> NewQueue() =>
        new(SendAsync, ResetAfterAsync, (reset, count) => _rolledBack.Add((reset, count)), _ => { }, new HubServiceClientOptions { TimeProvider = _clock, Retry = new RetryPolicy(TimeSpan.Zero, TimeSpan.Zero) }, CancellationToken.None);

    private Task<IReadOnlyList<PublishResult>> SendAsync(IReadOnlyList<string> batch, CancellationToken cancellationToken)
    {
        TaskCompletionSource<IReadOnlyList<PublishResult>> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_sent)
        {
            _sent.Add([.. batch]);
            _answers.Enqueue(answer);
        }

        _arrived.Release();
        return answer.Task;
    }

    /// <summary>As the hub: a position up to the last valid one, or of the new epoch, is valid.</summary>
    private Task<StreamReset?> ResetAfterAsync(StreamPosition position, CancellationToken cancellationToken)
    {
        lock (_sent)
        {
            _asked.Add(position);
        }

        return Task.FromResult(_reset is not null && position.Epoch != _reset.Epoch && position.Seq > _reset.LastValid ? _reset : null);
    }

    private async Task ArrivedAsync() => Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(30)), "nothing was sent");

    private void Ok(params string[] ids) => Answer([.. ids.Select((id, i) => new PublishResult { EventId = id, Seq = i + 1 })]);

    private void Answer(params PublishResult[] results) => Next().SetResult(results);

    private void Throw(string code) => Next().SetException(new HubClientException(new HubError(code, "test")));

    private TaskCompletionSource<IReadOnlyList<PublishResult>> Next()
    {
        lock (_sent)
        {
            return _answers.Dequeue();
        }
    }
}
