using System.Net.Http.Headers;
using System.Text.Json;

namespace HubService.Cluster.Tests.Rig;

/// <summary>What somebody is told who asks for what follows a position: the same over HTTP and over a hub.</summary>
/// <param name="Code">The error; null when it was answered.</param>
/// <param name="Reset">The last valid seq; null when the position is one of the stream.</param>
/// <param name="Events">Their seqs, in order.</param>
internal sealed record PositionAnswer(string? Code, long? Reset, string Events)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public static async Task<PositionAnswer> OverHttpAsync(Uri node, string project, string after)
    {
        using var http = DirectHttp.To(node);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"/api/v1/projects/{project}/events?after={Uri.EscapeDataString(after)}", UriKind.Relative));
        JsonElement body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (!answer.IsSuccessStatusCode)
        {
            return new PositionAnswer(body.GetProperty("code").GetString(), null, "");
        }

        long? reset = body.TryGetProperty("reset", out JsonElement told) && told.ValueKind == JsonValueKind.Object ? told.GetProperty("last_valid").GetInt64() : null;
        return new PositionAnswer(null, reset, string.Join(' ', body.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64())));
    }

    /// <summary>Everything that comes until the head that the answer names.</summary>
    public static async Task<PositionAnswer> OverHubAsync(Uri node, string project, string after)
    {
        List<long> events = [];
        string? code = null;
        long? reset = null, head = null;
        long from = long.TryParse(after.Split(':')[^1], out long seq) ? seq : 0;
        await using HubSocket wire = await HubSocket.ConnectAsync(node, Token, "project", message =>
        {
            int type = message.GetProperty("type").GetInt32();
            if (type == 3)
            {
                JsonElement result = message.GetProperty("result");
                code = result.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object ? error.GetProperty("code").GetString() : null;
                head = code is null ? result.GetProperty("seq").GetInt64() : 0;
            }
            else if (type == 1)
            {
                JsonElement argument = message.GetProperty("arguments")[0];
                switch (message.GetProperty("target").GetString())
                {
                    case "Reset":
                        reset = argument.GetProperty("payload").GetProperty("last_valid").GetInt64();
                        break;
                    case "ProjectEvent" when argument.GetProperty("type").ValueEquals("EVENT"):
                        events.Add(argument.GetProperty("seq").GetInt64());
                        break;
                }
            }

            return ValueTask.CompletedTask;
        });
        await wire.InvokeAsync("1", "Subscribe", project, after);
        await Waiting.UntilAsync($"an answer to {after}", Limit, () => head is { } top && (code is not null || (events.Count > 0 ? events[^1] : reset ?? (from <= top ? from : 0)) == top));
        return new PositionAnswer(code, reset, string.Join(' ', events));
    }

    private static string Token => HubToken.Reader("asks", Scenario.Tenant);
}
