using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Tests.Access;
using HubService.Tests.Client;

namespace HubService.Tests.Delivery;

public class KillTests
{
    private const int Rounds = 20;
    private const int Publishers = 4;
    private const int BatchSize = 20;

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["Sqlite__Path"] = "hub.db",
        ["Streams__Thread__Events"] = "1000000",
        ["Limits__ConnectionsPerUser"] = "100",
        ["Authentication__Schemes__Bearer__ValidAudience"] = TestToken.Audience,
        ["Authentication__Schemes__Bearer__SigningKeys__0__Issuer"] = TestToken.Issuer,
        ["Authentication__Schemes__Bearer__SigningKeys__0__Value"] = Convert.ToBase64String(TestToken.Key),
    };

    /// <summary>May publish and read everything; good for every start.</summary>
    private static readonly string Token = TestToken.Sign(TestToken.Claims().With("roles", new JsonArray("worker", "publisher")).With("streams", new JsonArray("thread:*")));

    [Fact]
    public async Task Twenty_kills_lose_no_acknowledged_event_and_show_nobody_one_that_was_not_kept()
    {
        await using ServiceProcess service = await ServiceProcess.StartServiceAsync(Settings);
        ConcurrentDictionary<string, long> acked = new();
        ConcurrentBag<string> sent = [];
        using CancellationTokenSource enough = new();
        Task[] publishing = [.. Enumerable.Range(0, Publishers).Select(p => Task.Run(() => PublishAsync(service, p, acked, sent, enough.Token)))];
        Follower[] followers = [.. Enumerable.Range(0, 3).Select(_ => new Follower())];
        Task[] following = [.. followers.Select(f => Task.Run(() => f.RunAsync(service, enough.Token)))];

        var random = new Random(20261);
        for (int round = 0; round < Rounds; round++)
        {
            int until = acked.Count + random.Next(200, 2_500);
            await Wait.Until(() => acked.Count >= until);
            await service.KillAndStartAsync();
        }

        int more = acked.Count + 200;
        await Wait.Until(() => acked.Count >= more);
        await enough.CancelAsync();
        await Task.WhenAll(publishing);

        List<(string Id, string Epoch)> log = await ReadAllAsync(service);
        await Wait.Until(() => followers.All(f => f.Seen.Count == log.Count));
        followers[0].Stop();
        followers[1].Stop();
        followers[2].Stop();
        await Task.WhenAll(following);

        Assert.Single(log.Select(e => e.Epoch).Distinct());
        Assert.Equal(log.Count, log.Select(e => e.Id).Distinct().Count());
        Assert.Equal(sent.Order(StringComparer.Ordinal), log.Select(e => e.Id).Order(StringComparer.Ordinal));
        Assert.All(acked, a => Assert.Equal(a.Key, log[(int)a.Value - 1].Id));
        Assert.Equal(sent.Count, acked.Count);
        foreach (Follower follower in followers)
        {
            Assert.Empty(follower.Wrong);
            Assert.Equal(log.Select(e => e.Id), follower.Seen);
        }
    }

    /// <summary>Sends each batch until it is acknowledged, with the same ids; the last one too.</summary>
    private static async Task PublishAsync(ServiceProcess service, int publisher, ConcurrentDictionary<string, long> acked, ConcurrentBag<string> sent, CancellationToken enough)
    {
        using HttpClient http = Http(service);
        for (int batch = 0; !enough.IsCancellationRequested; batch++)
        {
            string[] ids = [.. Enumerable.Range(0, BatchSize).Select(i => $"evt_{publisher}-{batch}-{i}")];
            Array.ForEach(ids, sent.Add);
            while (!await TryAsync(ids))
            {
                await service.Listening;
            }
        }

        async Task<bool> TryAsync(string[] ids)
        {
            try
            {
                using HttpResponseMessage response = await http.PostAsJsonAsync("/api/v1/threads/t/events", ids.Select(id => Publishing.Event(id, id)), CancellationToken.None);
                JsonElement[] results = [.. (await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("results").EnumerateArray()];
                for (int i = 0; i < ids.Length; i++)
                {
                    Assert.False(results[i].TryGetProperty("error", out _), results[i].ToString());
                    acked[ids[i]] = results[i].GetProperty("seq").GetInt64();
                }

                return true;
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
            {
                return false;
            }
        }
    }

    private static HttpClient Http(ServiceProcess service)
    {
        var http = new HttpClient { BaseAddress = service.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return http;
    }

    private static async Task<List<(string Id, string Epoch)>> ReadAllAsync(ServiceProcess service)
    {
        using HttpClient http = Http(service);
        List<(string Id, string Epoch)> log = [];
        string? after = ":0";
        while (after is not null)
        {
            JsonElement page = await http.GetFromJsonAsync<JsonElement>($"/api/v1/threads/t/events?limit=1000&after={after}");
            foreach (JsonElement e in page.GetProperty("events").EnumerateArray())
            {
                log.Add((e.GetProperty("event_id").GetString()!, e.GetProperty("epoch").GetString()!));
                Assert.Equal(log.Count, e.GetProperty("seq").GetInt64());
            }

            after = page.TryGetProperty("next", out JsonElement next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
        }

        return log;
    }

    /// <summary>A subscriber that comes back after every kill, from where it was.</summary>
    private sealed class Follower
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Reader _reader = new();

        public List<string> Seen { get; } = [];

        public List<string> Wrong => [.. _reader.Wrong, .. _reader.Told.Where(t => t.Contains("\"Reset\"", StringComparison.Ordinal) || t.Contains("\"HistoryLost\"", StringComparison.Ordinal))];

        public void Stop() => _stop.Cancel();

        public async Task RunAsync(ServiceProcess service, CancellationToken enough)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    await using WireClient client = await WireClient.ConnectAsync(service.Url, Token, onFrame: Take);
                    await client.SubscribeAsync("t", _reader.Last == 0 ? ":0" : _reader.Position);
                    await client.Completion.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                catch (IOException)
                {
                    await service.Listening;
                }
            }
        }

        private ValueTask Take(ReadOnlyMemory<byte> frame)
        {
            long before = _reader.Last;
            ValueTask taken = _reader.Take(frame);
            if (_reader.Last != before)
            {
                Seen.Add(JsonElement.Parse(frame.Span).GetProperty("arguments")[0].GetProperty("event_id").GetString()!);
            }

            return taken;
        }
    }
}
