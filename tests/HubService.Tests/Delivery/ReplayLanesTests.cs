using HubService.Contracts;
using HubService.Delivery;

namespace HubService.Tests.Delivery;

public sealed class ReplayLanesTests : IDisposable
{
    private const int Page = 100;

    private readonly Rig _rig = new();
    private readonly ReplayLanes _lanes = new(new ManualTimeProvider());

    public void Dispose()
    {
        _lanes.Dispose();
        _rig.Dispose();
    }

    // Events that come while a page is sent, and whether its reader presses then.
    [Theory]
    [InlineData(Page, 0, false)]
    [InlineData(Page, (Page / 2) - 1, false)]
    [InlineData(Page, Page / 2, true)]
    [InlineData(Page, 3 * Page, true)]
    [InlineData(10, 0, false)]
    [InlineData(10, 5, true)]
    public async Task Who_does_not_come_nearer_is_not_held_up(int sent, int meanwhile, bool presses)
    {
        Cursor cursor = await CursorAsync(10 * Page);
        ReplayTurns far = _lanes.Choose(cursor, Page);

        cursor.Written = cursor.Written with { Seq = sent };
        await _rig.AppendAsync(meanwhile);

        Assert.Equal(presses, _lanes.Choose(cursor, Page) != far);
    }

    [Fact]
    public async Task Who_is_nearly_level_is_not_held_up()
    {
        Cursor far = await CursorAsync(10 * Page), near = await CursorAsync(0);
        near.Written = near.Written with { Seq = near.Feed.Head.Seq - Page + 1 };
        Assert.NotEqual(_lanes.Choose(far, Page), _lanes.Choose(near, Page));
    }

    [Fact]
    public async Task Two_who_have_far_to_go_take_turns_that_rest_and_two_who_press_do_not()
    {
        ManualTimeProvider clock = new();
        using ReplayLanes lanes = new(clock);
        Cursor cursor = await CursorAsync(10 * Page);
        ReplayTurns far = lanes.Choose(cursor, Page), pressing = lanes.Choose(cursor, 11 * Page);
        Assert.Equal((true, false), (await RestsAsync(far), await RestsAsync(pressing)));

        async Task<bool> RestsAsync(ReplayTurns turns)
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount / 2)).Select(_ => turns.EnterAsync()));
            Task next = turns.EnterAsync();
            clock.Advance(TimeSpan.FromMilliseconds(10));
            lanes.SawLive();
            int timers = clock.Timers;
            turns.Leave();
            return clock.Timers > timers;
        }
    }

    private async Task<Cursor> CursorAsync(int events)
    {
        await _rig.AppendAsync(events);
        return new Cursor(await _rig.Feeds.RentAsync(Rig.Stream), null!) { Written = StreamPosition.Start };
    }
}
