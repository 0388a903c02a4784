using HubService.Redis;
using HubService.Tests.Client;

namespace HubService.Tests.Redis;

/// <summary>When calls leave, what they carry, and who goes on with their answers.</summary>
public class SharedCallsTests
{
    private const int Heavy = -1;

    private readonly List<(IReadOnlyList<int> Items, TaskCompletionSource<Action<int, int>> Done)> _made = [];
    private readonly List<int> _answered = [];
    private readonly SharedCalls<int> _calls;

    // Heavy fills a call alone.
    public SharedCallsTests() => _calls = new SharedCalls<int>(MakeAsync, static item => item == Heavy ? 1_000 : 1);

    [Fact]
    public async Task What_comes_while_a_call_is_under_way_goes_with_the_next()
    {
        _calls.Add(1);
        await MadeAsync(1);
        for (int i = 2; i < 6; i++)
        {
            _calls.Add(i);
        }

        Assert.Equal(1, Made);
        Finish(0);
        await MadeAsync(2);
        Assert.Equal([2, 3, 4, 5], _made[1].Items);
        Finish(1);
        await Wait.Until(() => Answered.Length == 5);
    }

    [Fact]
    public async Task After_a_call_alone_the_next_one_is_made_and_answered_where_it_stands()
    {
        _calls.Add(1);
        await MadeAsync(1);
        Finish(0);
        await Wait.Until(() => Answered.Length == 1);

        _calls.Add(2);
        Assert.Equal(2, Made);
        Finish(1);
        Assert.Equal([1, 2], Answered);
    }

    [Fact]
    public async Task Whoever_goes_on_from_an_answer_may_wait_for_another_call()
    {
        _calls.Add(1);
        await MadeAsync(1);
        _made[0].Done.SetResult((_, _) =>
        {
            _calls.Add(2);
            Assert.Equal(2, Made);
            Finish(1);
            Assert.Equal([2], Answered);
        });
        await Wait.Until(() => Answered.Length == 1);
    }

    [Fact]
    public async Task Whoever_goes_on_while_others_wait_does_not_hold_their_call()
    {
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add(1);
        await MadeAsync(1);
        _calls.Add(2);
        _made[0].Done.SetResult((_, _) => goOn.Task.Wait(TimeSpan.FromSeconds(30)));
        await MadeAsync(2);
        goOn.SetResult();
        Finish(1);
        await Wait.Until(() => Answered.Length == 1);
    }

    [Fact]
    public async Task What_fills_a_call_by_number_or_by_weight_does_not_wait()
    {
        _calls.Add(1);
        await MadeAsync(1);
        _calls.Add(2);
        Assert.Equal(1, Made);

        // With 2 it is more than one call may hold.
        _calls.Add(Heavy);
        await MadeAsync(2);
        Assert.Equal([2], _made[1].Items);

        Finish(1);
        await MadeAsync(3);
        Assert.Equal([Heavy], _made[2].Items);

        for (int i = 0; i < 64; i++)
        {
            _calls.Add(i);
        }

        await MadeAsync(4);
        Assert.Equal(Enumerable.Range(0, 64), _made[3].Items);
    }

    private int Made
    {
        get
        {
            lock (_made)
            {
                return _made.Count;
            }
        }
    }

    private int[] Answered
    {
        get
        {
            lock (_answered)
            {
                return [.. _answered];
            }
        }
    }

    private Task MadeAsync(int count) => Wait.Until(() => Made == count);

    private void Finish(int call) => _made[call].Done.SetResult((item, _) =>
    {
        lock (_answered)
        {
            _answered.Add(item);
        }
    });

    private Task<Action<int, int>> MakeAsync(IReadOnlyList<int> items)
    {
        TaskCompletionSource<Action<int, int>> done = new();
        lock (_made)
        {
            _made.Add((items, done));
        }

        return done.Task;
    }
}
