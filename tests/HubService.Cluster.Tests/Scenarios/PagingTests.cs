using System.Net.Http.Headers;
using System.Text.Json;
using HubService.Checker;
using HubService.Cluster.Tests.Rig;

namespace HubService.Cluster.Tests.Scenarios;

/// <summary>A client was away for long, or asks for what never was.</summary>
public sealed class PagingTests
{
    // R31. Past the count that is kept: what is gone is named exactly, and what is left comes in order with what is new.
    [Fact]
    public async Task A_client_past_retention_is_told_exactly_what_is_gone()
    {
        const int Kept = 200;
        await using Scenario scenario = await Scenario.StartAsync("R31 history lost", run: new Run(false, Kept), settings: ("Streams:Project:Events", $"{Kept}"));
        IReadOnlyList<Subscriber> away = scenario.Subscribe(4, ["lost"]);
        Publisher publisher = scenario.Publish(1, batch: 20)[0];
        await scenario.LiveAsync();
        await publisher.PublishAsync("lost", 50);
        await Waiting.UntilAsync("they have 50", TimeSpan.FromSeconds(10), () => away.All(s => s.At("lost")?.Seq == 50));
        foreach (Subscriber subscriber in away)
        {
            subscriber.Leave();
        }

        await publisher.PublishAsync("lost", 600);
        List<Subscriber> all = [.. scenario.Subscribe(4, ["lost"]), .. away];
        foreach (Subscriber subscriber in away)
        {
            subscriber.Return();
        }

        await scenario.LiveAsync();

        // What is new pushes out more of what is old: first they are to have read.
        await Waiting.UntilAsync("they have what is left", TimeSpan.FromSeconds(10), () => all.All(s => s.At("lost")?.Seq == 650));
        await publisher.PublishAsync("lost", 20);
        await scenario.AssertSoundAsync();
        IEnumerable<HistoryLost> lost = scenario.Recorder.Records.OfType<HistoryLost>();
        Assert.All(away, s => Assert.Equal([51L], lost.Where(l => l.Who == s.Who).Select(l => l.From)));
        Assert.Contains(lost, l => l is { From: 1 });
        Assert.All(lost, l => Assert.Equal(650 - Kept, l.To));
    }

    // R31. Past the age that is kept, with nothing new that would push it out.
    [Fact]
    public async Task A_client_past_the_age_is_told_exactly_what_is_gone()
    {
        const int AgeMs = 3_000;
        await using Scenario scenario = await Scenario.StartAsync("R31 age", run: new Run(false, 0, AgeMs), settings: ("Streams:Project:Age", "00:00:03"));
        Publisher publisher = scenario.Publish(1)[0];
        await publisher.PublishAsync("aged", 20);
        await Waiting.PauseAsync(TimeSpan.FromMilliseconds(AgeMs + 1_000));
        IReadOnlyList<Subscriber> late = scenario.Subscribe(4, ["aged"]);
        await scenario.LiveAsync();
        await publisher.PublishAsync("aged", 5);
        await scenario.AssertSoundAsync();
        Assert.All(late, s => Assert.Equal((1L, 20L), scenario.Recorder.Records.OfType<HistoryLost>().Where(l => l.Who == s.Who).Select(l => (l.From, l.To)).Single()));
    }

    // R31. Thousands of missed events come in order, while new ones are published.
    [Fact]
    public async Task A_long_way_back_comes_in_order_with_what_is_new()
    {
        const int Missed = 5_000, Outbox = 1024 * 1024;
        await using Scenario scenario = await Scenario.StartAsync("R31 paging");
        Publisher publisher = scenario.Publish(1, batch: 100)[0];
        await publisher.PublishAsync("pages", Missed, bytes: 1000);
        Load load = scenario.StartLoad(["pages"], 100);
        IReadOnlyList<Subscriber> late = scenario.Subscribe(6, ["pages"]);
        await scenario.LiveAsync();
        TimeSpan level = await Waiting.UntilAsync("they are level", TimeSpan.FromSeconds(60), () => late.All(s => s.At("pages")?.Seq >= publisher.Acknowledged.Count));
        int acknowledged = scenario.AcknowledgedCount;
        await scenario.AcknowledgedAsync(50);
        await load.StopAsync();
        Figures.Report("R31 paging", $"{late.Count} clients level {level.TotalMilliseconds:0} ms after they were answered, {acknowledged - Missed} new events meanwhile; the largest message had {late.Max(s => s.LargestMessage)} bytes");
        await scenario.AssertSoundAsync();
        Assert.All(late, s => Assert.InRange(s.LargestMessage, 1, Outbox));
    }

    // R31. A page ends with its bytes as well as with its events, as they are on the wire.
    [Fact]
    public async Task A_page_has_a_thousand_events_and_four_megabytes_at_most()
    {
        const int MaxEvents = 1_000, MaxBytes = 4 * 1024 * 1024;
        await using Scenario scenario = await Scenario.StartAsync("R31 page sizes");
        Publisher publisher = scenario.Publish(1, batch: 20)[0];
        await Task.WhenAll(publisher.PublishAsync("small", 2_500, bytes: 100), publisher.PublishAsync("large", 500, bytes: 20_000));
        foreach ((string project, int count) in new[] { ("small", 2_500), ("large", 500) })
        {
            IReadOnlyList<(int Events, int Bytes)> pages = await PagesAsync(scenario.Nodes[1], project, MaxEvents);
            Figures.Report("R31 page sizes", $"{project}: {string.Join(", ", pages.Select(p => $"{p.Events} in {p.Bytes}"))}");
            Assert.Equal(count, pages.Sum(p => p.Events));
            Assert.All(pages, p => Assert.InRange(p.Bytes, 1, MaxBytes));

            // Each but the last is as full as may be.
            Assert.All(pages.SkipLast(1), p => Assert.True(p.Events == MaxEvents || p.Bytes > MaxBytes * 9 / 10, $"{p}"));
        }
    }

    // R31. Every kind of position, over HTTP and over a hub, at both nodes: the beginning, the middle, the future, another life, below the beginning.
    [Fact]
    public async Task A_position_is_answered_by_what_follows_or_by_a_reset()
    {
        await using Scenario scenario = await Scenario.StartAsync("R31 positions");
        Publisher publisher = scenario.Publish(1)[0];
        await publisher.PublishAsync("positions", 10);
        string epoch = publisher.Acknowledged.First().At!.Value.Epoch;
        foreach (HubNode node in scenario.Nodes)
        {
            (string After, long[]? Events, long? Reset)[] kinds =
            [
                (":0", [.. Enumerable.Range(1, 10)], null),
                ($"{epoch}:0", [.. Enumerable.Range(1, 10)], null),
                ($"{epoch}:7", [8, 9, 10], null),
                ($"{epoch}:10", [], null),
                ($"{epoch}:11", null, 10),
                ($"{epoch}:99", null, 10),
                ("nowhere:5", null, 0),
                (":5", null, 0),
                ($"{epoch}:-1", null, null),
                ("nonsense", null, null),
            ];
            foreach ((string after, long[]? events, long? reset) in kinds)
            {
                PositionAnswer expected = new(events is null && reset is null ? "invalid_message" : null, reset, string.Join(' ', events ?? []));
                Assert.Equal((after, expected), (after, await PositionAnswer.OverHttpAsync(node.Url, "positions", after)));

                // A subscription goes on from the last valid one by itself.
                expected = reset is { } last ? expected with { Events = string.Join(' ', Enumerable.Range((int)last + 1, 10 - (int)last)) } : expected;
                Assert.Equal((after, expected), (after, await PositionAnswer.OverHubAsync(node.Url, "positions", after)));
            }
        }

        await scenario.AssertSoundAsync();
    }

    /// <summary>A stream from its beginning, page by page: how many events each has, in order, and how many bytes.</summary>
    private static async Task<IReadOnlyList<(int Events, int Bytes)>> PagesAsync(HubNode node, string project, int limit)
    {
        using var http = DirectHttp.To(node.Url);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", HubToken.Reader("reader", Scenario.Tenant));
        List<(int Events, int Bytes)> pages = [];
        long seq = 0;
        for (string? after = ":0"; after is not null;)
        {
            byte[] page = await http.GetByteArrayAsync(new Uri($"/api/v1/projects/{project}/events?after={after}&limit={limit}", UriKind.Relative));
            JsonElement read = JsonElement.Parse(page);
            pages.Add((read.GetProperty("events").GetArrayLength(), page.Length));
            Assert.All(read.GetProperty("events").EnumerateArray(), e => Assert.Equal(++seq, e.GetProperty("seq").GetInt64()));
            after = read.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }

        return pages;
    }
}
