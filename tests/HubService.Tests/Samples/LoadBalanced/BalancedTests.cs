using System.Globalization;
using System.Text.Json;
using HubService.Client;
using HubService.Contracts;

namespace HubService.Tests.Samples.LoadBalanced;

/// <summary>Two nodes behind nginx, as a reader of the README starts them. What tests/npm shows of transports is not repeated here.</summary>
public sealed class BalancedTests
{
    private static readonly ProjectId Project = new("balanced");
    private static readonly string[] Roles = ["user", "publisher"];

    [Fact]
    public async Task A_subscriber_goes_on_at_the_other_node_when_its_own_is_killed_and_nothing_started_is_left()
    {
        await using BalancedScript script = await BalancedScript.StartAsync();
        Assert.Equal(3, script.Processes.Count);
        string token = await TokenAsync(script.Url);
        await using ProjectClient subscriber = new(new HubServiceClientOptions { Url = script.Url }.UseToken(token));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using IAsyncEnumerator<StreamItem> items = subscriber.SubscribeAsync(Project, StreamPosition.Start, stop.Token).GetAsyncEnumerator();

        // One publisher at each node, so that half of the events come from the other one.
        await using ProjectClient a = new(new HubServiceClientOptions { Url = new Uri(script.Processes[0].Address) }.UseToken(token));
        await using ProjectClient b = new(new HubServiceClientOptions { Url = new Uri(script.Processes[1].Address) }.UseToken(token));
        await PublishAsync(a, 1);
        await PublishAsync(b, 2);
        Assert.Equal("1 2", await SeqsAsync(items, 2));

        string own = (await subscriber.PingAsync(stop.Token)).Node!;
        BalancedScript.Signal("KILL", script.Processes[own == "a" ? 0 : 1].Pid);
        ProjectClient left = own == "a" ? b : a;
        await PublishAsync(left, 3);
        await PublishAsync(left, 4);

        Assert.Equal("3 4", await SeqsAsync(items, 2));
        Assert.Equal(own == "a" ? "b" : "a", (await subscriber.PingAsync(stop.Token)).Node);
        Assert.Equal(0, subscriber.Gaps);
        Assert.Equal(0, await script.StopAsync());
        Assert.All(script.Processes, p => Assert.False(Path.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{p.Pid}")), $"{p.Address} goes on"));
    }

    private static async Task<string> TokenAsync(Uri url)
    {
        using HttpClient http = new() { BaseAddress = url };
        using HttpResponseMessage response = await http.PostAsJsonAsync("/api/dev/token", new { roles = Roles });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    private static Task<PublishResult> PublishAsync(ProjectClient client, int i) =>
        client.PublishAsync(Project, "LOG_LINE", new { run_id = "system", level = "info", text = $"{i}" });

    private static async Task<string> SeqsAsync(IAsyncEnumerator<StreamItem> items, int count)
    {
        List<long> seqs = [];
        while (seqs.Count < count && await items.MoveNextAsync())
        {
            if (items.Current is ProjectStreamEvent e)
            {
                seqs.Add(e.Position.Seq);
            }
        }

        return string.Join(' ', seqs);
    }
}
