using System.Net;
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
        scenario.Subscribe(4, ["lost"]);
        foreach (Subscriber subscriber in away)
        {
            subscriber.Return();
        }

        await scenario.LiveAsync();
        await publisher.PublishAsync("lost", 20);
        await scenario.AssertSoundAsync();
        IEnumerable<HistoryLost> lost = scenario.Recorder.Records.OfType<HistoryLost>();
        Assert.All(away, s => Assert.Equal([51L], lost.Where(l => l.Who == s.Who).Select(l => l.From)));
        Assert.Contains(lost, l => l is { From: 1 });
        Assert.All(lost, l => Assert.InRange(l.To, 450 - 100, 470));
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

    // R31. Thousands of missed events come in pages, in order, while new ones are published.
    [Fact]
    public async Task A_long_way_back_comes_in_order_with_what_is_new()
    {
        await using Scenario scenario = await Scenario.StartAsync("R31 paging");
        Publisher publisher = scenario.Publish(1, batch: 100)[0];
        await publisher.PublishAsync("pages", Scale.Of(2_000, 5_000), bytes: 1000);
        Load load = scenario.StartLoad(["pages"], 100);
        scenario.Subscribe(6, ["pages"]);
        await scenario.LiveAsync();
        await Waiting.PauseAsync(TimeSpan.FromSeconds(2));
        await load.StopAsync();
        await scenario.AssertSoundAsync();
    }

    // R31. Positions that never were: of the future, of another life, below the beginning.
    [Fact]
    public async Task A_position_that_never_was_is_answered_by_a_reset()
    {
        await using Scenario scenario = await Scenario.StartAsync("R31 positions");
        Publisher publisher = scenario.Publish(1)[0];
        await publisher.PublishAsync("positions", 10);
        string epoch = publisher.Acknowledged.First().At!.Value.Epoch;
        foreach (HubNode node in scenario.Nodes)
        {
            Assert.Equal(10, await LastValidAsync(node, $"{epoch}:99"));
            Assert.Equal(0, await LastValidAsync(node, "nowhere:5"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await GetAsync(node, $"{epoch}:-1")).Status);
        }

        await scenario.AssertSoundAsync();
    }

    private static async Task<long> LastValidAsync(HubNode node, string after) => (await GetAsync(node, after)).Body.GetProperty("reset").GetProperty("last_valid").GetInt64();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(HubNode node, string after)
    {
        using var http = new HttpClient { BaseAddress = node.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", HubToken.Reader("reader", Scenario.Tenant));
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"/api/v1/projects/positions/events?after={after}", UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
