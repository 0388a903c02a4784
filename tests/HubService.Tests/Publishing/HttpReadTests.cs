using System.Text.Json;
using HubService.Contracts;

namespace HubService.Tests.Publishing;

/// <summary>Reading over HTTP: pages in both directions, and server-sent events that resume.</summary>
public class HttpReadTests
{
    private readonly ThreadId _thread = ThreadId.New();

    [Fact]
    public async Task Pages_go_forward_and_back_with_a_limit_and_a_cursor()
    {
        await using HubHost host = await HubHost.StartAsync();
        using HttpClient http = await host.WorkerHttpAsync();
        await FillAsync(http, 25);
        List<long> forward = [];
        string? after = ":0";
        while (after is not null)
        {
            JsonElement page = await http.GetAsync($"/api/v1/threads/{_thread}/events?after={after}&limit=10").ReadAsync();
            forward.AddRange(Seqs(page));
            Assert.Equal("25", page.Text("head"));
            after = page.Text("next");
        }

        Assert.Equal(Enumerable.Range(1, 25).Select(i => (long)i), forward);
        string epoch = (await http.GetAsync($"/api/v1/threads/{_thread}/events?limit=1").ReadAsync()).Text("epoch")!;
        Assert.Equal(Enumerable.Range(16, 10).Select(i => (long)i), Seqs(await http.GetAsync($"/api/v1/threads/{_thread}/events?before={epoch}:26&limit=10").ReadAsync()));
        Assert.Equal(Enumerable.Range(6, 10).Select(i => (long)i), Seqs(await http.GetAsync($"/api/v1/threads/{_thread}/events?before={epoch}:16&limit=10").ReadAsync()));
        Assert.Equal(Enumerable.Range(1, 5).Select(i => (long)i), Seqs(await http.GetAsync($"/api/v1/threads/{_thread}/events?before={epoch}:6&limit=10").ReadAsync()));
        Assert.Empty(Seqs(await http.GetAsync($"/api/v1/threads/{_thread}/events?before={epoch}:1").ReadAsync()));
        Assert.Empty(Seqs(await http.GetAsync($"/api/v1/threads/{_thread}/events?after={epoch}:25").ReadAsync()));
        Assert.NotNull((await http.GetAsync($"/api/v1/threads/{_thread}/events?after=other:3").ReadAsync()).Text("reset", "last_valid"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("after=nonsense", "after")]
    [InlineData("before=nonsense", "before")]
    [InlineData("before=e:1&after=e:1", "before")]
    public async Task A_query_that_makes_no_sense_is_refused_by_name(string query, string field)
    {
        await using HubHost host = await HubHost.StartAsync();
        using HttpClient http = await host.WorkerHttpAsync();
        JsonElement answer = await http.GetAsync($"/api/v1/threads/{_thread}/events?{query}").ReadAsync();
        Assert.Equal(("invalid_message", field), (answer.Code(), answer.Field()));
    }

    [Fact]
    public async Task Server_sent_events_go_on_where_the_reader_left()
    {
        await using HubHost host = await HubHost.StartAsync(("Delivery:SseKeepAlive", "00:00:00.2"));
        using HttpClient http = await host.WorkerHttpAsync();
        await FillAsync(http, 3);
        string last;
        using (StreamReader reader = await FollowAsync(http, ":0"))
        {
            Assert.Equal(("1", "2", "3"), ((await NextAsync(reader)).Seq, (await NextAsync(reader)).Seq, (await NextAsync(reader)).Seq));
            while (await reader.ReadLineAsync() != ": keep-alive")
            {
                // A quiet stream is kept open.
            }

            await FillAsync(http, 1);
            (last, string type, string? seq) = await NextAsync(reader);
            Assert.Equal(("status_update", "4"), (type, seq));
        }

        await FillAsync(http, 2);
        using StreamReader again = await FollowAsync(http, last);
        Assert.Equal(("5", "6"), ((await NextAsync(again)).Seq, (await NextAsync(again)).Seq));
        using StreamReader other = await FollowAsync(http, "other:3");
        Assert.Equal("reset", (await NextAsync(other)).Type);
        Assert.Equal("1", (await NextAsync(other)).Seq);
        using HttpRequestMessage wrong = new(HttpMethod.Get, $"/api/v1/threads/{_thread}/stream");
        wrong.Headers.TryAddWithoutValidation("Last-Event-ID", "nonsense");
        Assert.Equal("Last-Event-ID", (await http.SendAsync(wrong).ReadAsync()).Field());
    }

    [Fact]
    public async Task Server_sent_events_say_what_was_lost()
    {
        await using HubHost host = await HubHost.StartAsync(("Streams:Thread:Events", "3"));
        using HttpClient http = await host.WorkerHttpAsync();
        await FillAsync(http, 10);
        using StreamReader reader = await FollowAsync(http, ":0");
        (_, string type, _) = await NextAsync(reader);
        Assert.Equal("history_lost", type);
        Assert.Equal("8", (await NextAsync(reader)).Seq);
    }

    private static long[] Seqs(JsonElement page) => [.. page.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64())];

    private async Task FillAsync(HttpClient http, int count)
    {
        JsonElement answer = await http.PublishAsync(_thread, $"[{string.Join(',', Enumerable.Repeat("""{"type":"status_update","payload":{"status":"s"}}""", count))}]");
        Assert.All(answer.GetProperty("results").EnumerateArray(), r => Assert.Null(r.Code()));
    }

    private async Task<StreamReader> FollowAsync(HttpClient http, string last)
    {
        HttpRequestMessage request = new(HttpMethod.Get, $"/api/v1/threads/{_thread}/stream");
        request.Headers.Add("Last-Event-ID", last);
        HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    private static async Task<(string Id, string Type, string? Seq)> NextAsync(StreamReader reader)
    {
        string id = "", type = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            type = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : type;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return (id, type, JsonElement.Parse(line[6..]).Text("seq"));
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }
}
