using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HubService.Checker;

namespace HubService.Cluster.Tests.Rig;

/// <summary>Reads the log as it is in the end, page by page over HTTP, and asks of every epoch that was seen how far it still holds.</summary>
internal sealed class StoreDump : IDisposable
{
    private const long Beyond = 1_000_000_000_000;

    private readonly HttpClient _http;
    private readonly string _tenant;

    public StoreDump(Uri node, string tenant)
    {
        _tenant = tenant;
        _http = DirectHttp.To(node);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", HubToken.Reader("dump", tenant));
    }

    public async Task<Position> HeadAsync(string project)
    {
        JsonElement page = await PageAsync(project, ":0", 1);
        return new Position(Epoch(page), page.GetProperty("head").GetInt64());
    }

    /// <summary>The bytes of the newest event, as JSON.</summary>
    public async Task<int> EventBytesAsync(string project)
    {
        Position head = await HeadAsync(project);
        JsonElement page = await PageAsync(project, $"{head.Epoch}:{head.Seq - 1}", 1);
        return Encoding.UTF8.GetByteCount(page.GetProperty("events")[0].GetRawText());
    }

    public async Task ReadAsync(Recorder recorder, string project)
    {
        string stream = $"project:{project}";
        List<Entry> entries = [];
        long? lowest = null;
        JsonElement page = default;
        for (string? after = ":0"; after is not null; after = Text(page, "next"))
        {
            page = await PageAsync(project, after, 1000);
            foreach (JsonElement e in page.GetProperty("events").EnumerateArray())
            {
                entries.Add(new Entry("dump", _tenant, stream, e.GetProperty("seq").GetInt64(), e.GetProperty("event_id").GetString()!, Content.HashOf(e), e.GetProperty("ts").GetInt64()));
            }

            lowest ??= page.TryGetProperty("history_lost", out JsonElement lost) && lost.ValueKind == JsonValueKind.Object ? lost.GetProperty("to").GetInt64() + 1 : 1;
        }

        string epoch = Epoch(page);
        long top = page.GetProperty("head").GetInt64();
        List<Fork> forks = [];
        foreach (string earlier in Seen(recorder, stream).Where(e => e != epoch))
        {
            forks.Add(new Fork(earlier, await HoldsAsync(project, earlier)));
        }

        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        recorder.Add(new Dump("dump", _tenant, stream, epoch, lowest ?? 1, top, now, forks));
        entries.ForEach(recorder.Add);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The last seq of an earlier epoch that is still there.</summary>
    private async Task<long> HoldsAsync(string project, string epoch)
    {
        JsonElement page = await PageAsync(project, $"{epoch}:{Beyond}", 1);
        return page.TryGetProperty("reset", out JsonElement reset) && reset.ValueKind == JsonValueKind.Object ? reset.GetProperty("last_valid").GetInt64() : Beyond;
    }

    /// <summary>In the order in which they were first seen.</summary>
    private IEnumerable<string> Seen(Recorder recorder, string stream) =>
        recorder.Records.OfType<StreamRecord>().Where(r => r.Tenant == _tenant && r.Stream == stream).Select(r => r switch
        {
            PubOk o => o.Epoch,
            Attached a => a.Epoch,
            Recv v => v.Epoch,
            Reset t => t.Epoch,
            RolledBack b => b.Epoch,
            _ => "",
        }).Where(e => e.Length > 0).Distinct();

    private async Task<JsonElement> PageAsync(string project, string after, int limit)
    {
        for (int attempt = 1; ; attempt++)
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri($"/api/v1/projects/{project}/events?after={Uri.EscapeDataString(after)}&limit={limit}", UriKind.Relative));
            if (answer.IsSuccessStatusCode)
            {
                return await answer.Content.ReadFromJsonAsync<JsonElement>();
            }

            if (attempt == 20)
            {
                throw new HttpRequestException($"{project} cannot be read: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }

            await Waiting.PauseAsync(TimeSpan.FromMilliseconds(250));
        }
    }

    private static string Epoch(JsonElement page) => Text(page, "epoch") ?? "";

    private static string? Text(JsonElement page, string name) => page.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
