using HubService.Contracts;
using HubService.Delivery;
using HubService.Streams;

namespace HubService.Tests.Delivery;

public class ReplayPagesTests
{
    [Fact]
    public async Task Those_who_walk_a_stream_side_by_side_share_a_read()
    {
        using Rig rig = new();
        StreamPosition first = await FilledAsync(rig);
        ReplayPages pages = new(rig.Log, rig.Clock);

        ReplayPage one = await pages.ReadAsync(Rig.Stream, first, 10);
        ReplayPage other = await pages.ReadAsync(Rig.Stream, first, 10);

        Assert.Same(one, other);
        Assert.Equal(Rig.Run(2, 11), one.Page.Entries.Select(e => e.Seq));
        Assert.Equal(11, one.Chunks[^1].Last.Seq);
    }

    [Fact]
    public async Task A_page_is_forgotten_after_a_moment_also_when_nobody_reads()
    {
        using Rig rig = new();
        StreamPosition first = await FilledAsync(rig);
        ReplayPages pages = new(rig.Log, rig.Clock);
        ReplayPage before = await pages.ReadAsync(Rig.Stream, first, 10);
        Assert.Equal(1, pages.ForgetOnce());

        rig.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, pages.ForgetOnce());
        Assert.NotSame(before, await pages.ReadAsync(Rig.Stream, first, 10));
    }

    [Fact]
    public async Task The_end_of_a_stream_is_read_anew()
    {
        using Rig rig = new();
        StreamPosition first = await FilledAsync(rig);
        ReplayPages pages = new(rig.Log, rig.Clock);
        StreamPosition near = first with { Seq = 25 };
        Assert.Equal(5, (await pages.ReadAsync(Rig.Stream, near, 10)).Page.Entries.Count);

        await rig.AppendAsync(1);

        Assert.Equal(6, (await pages.ReadAsync(Rig.Stream, near, 10)).Page.Entries.Count);
    }

    [Fact]
    public async Task A_position_without_an_epoch_and_one_of_another_epoch_are_judged_anew()
    {
        using Rig rig = new();
        await FilledAsync(rig);
        ReplayPages pages = new(rig.Log, rig.Clock);

        await pages.ReadAsync(Rig.Stream, StreamPosition.Start, 10);
        ReplayPage strange = await pages.ReadAsync(Rig.Stream, new StreamPosition("other", 1), 10);

        Assert.Equal(ReadVerdict.Reset, strange.Page.Verdict);
        Assert.Equal(0, pages.ForgetOnce());
    }

    [Fact]
    public async Task What_is_remembered_is_bounded_by_bytes()
    {
        using Rig rig = new();
        AppendResult end = await rig.AppendAsync(40, size: 500_000);
        ReplayPages pages = new(rig.Log, rig.Clock);

        for (int seq = 1; seq < 39; seq++)
        {
            await pages.ReadAsync(Rig.Stream, new StreamPosition(end.Epoch, seq), 1);
        }

        Assert.InRange(pages.ForgetOnce(), 15, 16);
    }

    private static async Task<StreamPosition> FilledAsync(Rig rig) => new((await rig.AppendAsync(30)).Epoch, 1);
}
