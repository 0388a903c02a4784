using System.Text.Json.Nodes;
using HubService.Client;
using HubService.Contracts;

namespace HubService.Tests.Client;

public class PublishQueueTests
{
    private readonly SteppedClock _clock = new();
    private readonly List<string[]> _sent = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Queue<TaskCompletionSource<IReadOnlyList<PublishResult>>> _answers = new();

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

    private PublishQueue<string> NewQueue() =>
        new(SendAsync, new HubServiceClientOptions { TimeProvider = _clock, Retry = new RetryPolicy(TimeSpan.Zero, TimeSpan.Zero) }, CancellationToken.None);

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

    private Task ArrivedAsync() => _arrived.WaitAsync();

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
