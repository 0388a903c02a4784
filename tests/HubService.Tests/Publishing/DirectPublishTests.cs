using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Tests.Client;
using HubService.Tests.Delivery;
using HubService.Tests.Telemetry;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Tests.Publishing;

/// <summary>A call of Publish is answered alike, whichever way it goes.</summary>
[Collection(RecordedSpans.Name)]
public class DirectPublishTests
{
    private const string Event = """{"type":"status_update","payload":{"status":"a"}}""";

    private static string[] Calls =>
    [
        Call($"""["t",{Event}]"""),
        Call($"""["t",[{Event},{Event}]]"""),
        Call("""["t",{"type":"status_update","event_id":"mine","payload":{"status":"a"}}]"""),
        Call($$$"""["t",[{{{Event}}},{"type":"nonsense"},{"type":"tool_executing","run_id":"run_none","payload":{"tool_name":"x"}},{{{Event}}}]]"""),
        Call("""["t",{"type":"status_update","payload":{}}]"""),
        Call("""["t",{"type":"status_update","payload":{"status":"a"},"payload":{"status":"b"}}]"""),
        Call("""["t",{"type":"status_update","payload":{"status":"\ud800"}}]"""),
        Call("""["t",{"type":"status_update","payload":{"status":"a" "b"}}]"""),
        Call("[\"t\",{\"type\":\"status_update\",\"payload\":" + string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 41) + "]"),
        Call("""["t",[]]"""),
        Call("""["t",7]"""),
        Call("""["t",null]"""),
        Call("""["t"]"""),
        Call("""[]"""),
        Call($"""["t",{Event},1]"""),
        Call($"""[null,{Event}]"""),
        Call($"""["",{Event}]"""),
        Call($"""["run_1",{Event}]"""),
        Call($"""["not granted",{Event}]"""),
        Call($"""["other",{Event}]"""),
        Call($"""["t",{Event}]""").Replace("Publish", "publish", StringComparison.Ordinal),
        Call($"""["t",{Event}]""").Replace("Publish", "Ping", StringComparison.Ordinal),
        Call($"""["t",{Event}]""").Replace("\"type\":1,", "\"headers\":{\"a\":\"b\"},\"type\":1,", StringComparison.Ordinal),
        Call($"""["t",{Event}]""").Replace("\"type\":1,", "\"target\":\"Ping\",\"type\":1,", StringComparison.Ordinal),
        $$"""{"arguments":["t",{{Event}}],"target":"Publish","type":1,"invocationId":"a"}""",
        $$"""{"type":1,"target":"Publish","arguments":["t",{{Event}}]}""",
        Call($"""["t",{Event}]""") + "\u001e" + Call($"""["t",{Event}]"""),
        Call($"""["t",{Event}]""") + "x",
    ];

    [Fact]
    public async Task Both_ways_answer_alike()
    {
        Seen seen = new();
        await using HubHost direct = await StartAsync(direct: true, seen);
        await using HubHost plain = await StartAsync(direct: false, new Seen());
        foreach (string call in Calls)
        {
            string answers = await AnswersAsync(direct, call);
            Assert.Equal($"{call}: {await AnswersAsync(plain, call)}", $"{call}: {answers}");
        }

        // What is right was not answered by SignalR, nor what was refused for what it says.
        Assert.InRange(seen.Methods.Count(static m => m == "Publish"), 1, Calls.Length / 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Calls_go_by_the_way_that_was_chosen(bool direct)
    {
        Seen seen = new();
        ShiftedClock clock = new() { Stands = true };
        await using HubHost host = await StartAsync(direct, seen, b => b.Services.AddSingleton<TimeProvider>(clock));
        await using WireClient client = await WireClient.ConnectAsync(host.Url, await host.WorkerTokenAsync());

        // Answered when SignalR has let the client in; what comes before goes by SignalR.
        await client.InvokeAsync("Ping", 0);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(i + 1, (await client.InvokeAsync("Publish", "t", JsonElement.Parse(Event))).GetProperty("results")[0].GetProperty("seq").GetInt64());
        }

        Assert.Equal(direct ? 0 : 20, seen.Methods.Count(static m => m == "Publish"));

        // Now and then SignalR is to see that the client lives.
        clock.Elapsed += TimeSpan.FromSeconds(6);
        await client.InvokeAsync("Publish", "t", JsonElement.Parse(Event));
        await client.InvokeAsync("Publish", "t", JsonElement.Parse(Event));
        Assert.Equal(direct ? 1 : 22, seen.Methods.Count(static m => m == "Publish"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_one_connection_sends_is_kept_in_its_order(bool direct)
    {
        Seen seen = new();
        await using HubHost host = await StartAsync(direct, seen);
        var texts = new ConcurrentQueue<int>();
        await using WireClient reader = await WireClient.ConnectAsync(host.Url, await host.TokenAsync("reader", streams: ["thread:*"]), onFrame: frame =>
        {
            JsonElement message = JsonElement.Parse(frame.Span);
            if (message.TryGetProperty("target", out JsonElement target) && target.ValueEquals("StatusUpdate"))
            {
                texts.Enqueue(int.Parse(message.GetProperty("arguments")[0].GetProperty("payload").GetProperty("status").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
            }

            return default;
        });
        await reader.SubscribeAsync("t");
        await using WireClient client = await WireClient.ConnectAsync(host.Url, await host.WorkerTokenAsync());

        // With and without answers, by both spellings (of which one goes the long way), in one frame and in two.
        for (int i = 0; i < 2_000; i++)
        {
            string id = i % 3 == 0 ? $"\"invocationId\":\"x{i}\"," : "";
            string call = $$$"""{"type":1,{{{id}}}"target":"{{{(i % 5 == 0 ? "publish" : "Publish")}}}","arguments":["t",{"type":"status_update","payload":{"status":"{{{i}}}"}}]}""";
            await client.SendAsync(i % 7 == 0 ? call + "\u001e" + call.Replace($"\"{i}\"", $"\"{++i}\"", StringComparison.Ordinal).Replace("\"x", "\"y", StringComparison.Ordinal) : call);
        }

        await Wait.Until(() => texts.Count >= 2_000);
        Assert.Equal(Enumerable.Range(0, texts.Count), texts);
        Assert.Equal(direct, seen.Methods.Count(static m => m.Equals("Publish", StringComparison.OrdinalIgnoreCase)) < 2_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_has_so_many_calls_under_way_and_no_more(bool direct)
    {
        Seen seen = new();
        TaskCompletionSource held = new();
        int asked = 0;
        await using HubHost host = await StartAsync(direct, seen, FaultyLog.Install(log => log.Loading = () =>
        {
            Interlocked.Increment(ref asked);
            return held.Task;
        }));
        await using WireClient client = await WireClient.ConnectAsync(host.Url, await host.WorkerTokenAsync());
        Task<JsonElement>[] calls = [.. Enumerable.Range(0, 100).Select(i => client.InvokeAsync("Publish", $"t{i}", JsonElement.Parse(Event)))];
        // Beyond the direct ones SignalR takes as many again, so that it waits as it always does when a store is slow; once it does, nothing is direct.
        int most = Hubs.ParallelCalls * (direct ? 2 : 1);
        await Wait.Until(() => seen.Methods.Count(static m => m == "Publish") == Hubs.ParallelCalls && Volatile.Read(ref asked) >= Hubs.ParallelCalls);

        // What comes next is not even read; it is answered when there is room.
        Task<JsonElement> ping = client.InvokeAsync("Ping", 1L);
        await using WireClient other = await WireClient.ConnectAsync(host.Url, await host.WorkerTokenAsync());
        await other.InvokeAsync("Ping", 1L);
        Assert.InRange(Volatile.Read(ref asked), Hubs.ParallelCalls, most);
        Assert.False(ping.IsCompleted);
        held.SetResult();
        Assert.All(await Task.WhenAll(calls), static answer => Assert.Equal(1, answer.GetProperty("results")[0].GetProperty("seq").GetInt64()));
        await ping;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Text_is_no_message_of_a_connection_that_speaks_MessagePack(bool direct)
    {
        await using HubHost host = await StartAsync(direct, new Seen());
        string token = await host.WorkerTokenAsync();
        await using RawHubClient client = await RawHubClient.OpenAsync(host, token);
        await client.SendAsync("""{"protocol":"messagepack","version":1}""");

        // Longer than MessagePack takes its first byte to say.
        await client.SendAsync(Call($"""["t",{Event.Replace("a\"}}", new string('a', 200) + "\"}}", StringComparison.Ordinal)}]"""));
        await Wait.Until(() => client.Closed);
        await using WireClient other = await WireClient.ConnectAsync(host.Url, token);
        Assert.Equal(1, (await other.InvokeAsync("Publish", "t", JsonElement.Parse(Event))).GetProperty("results")[0].GetProperty("seq").GetInt64());
    }

    private static string Call(string arguments) => $$"""{"type":1,"invocationId":"a","target":"Publish","arguments":{{arguments}}}""";

    /// <summary>Everything that is answered to a call and to a ping behind it, without what differs between two runs.</summary>
    private static async Task<string> AnswersAsync(HubHost host, string call)
    {
        var answers = new ConcurrentQueue<string>();
        await using WireClient client = await WireClient.ConnectAsync(host.Url, await host.TokenAsync("worker", ["worker"], ["thread:t", "thread:run_1"]), onFrame: frame =>
        {
            answers.Enqueue(Same(JsonNode.Parse(frame.Span)!).ToJsonString());
            return default;
        });
        await client.InvokeAsync("Ping", 0L);
        await client.SendAsync(call);
        await client.InvokeAsync("Ping", 1L);
        return string.Join(' ', answers.OrderBy(static a => a, StringComparer.Ordinal));
    }

    private static JsonNode Same(JsonNode node)
    {
        foreach ((string name, JsonNode? value) in node is JsonObject o ? o.ToList() : [])
        {
            if (name is "epoch" or "trace_id" or "server_ts" or "node" || (name == "event_id" && value?.GetValueKind() == JsonValueKind.String && value.GetValue<string>().StartsWith("evt_", StringComparison.Ordinal)))
            {
                node[name] = "some";
            }
            else if (value is not null)
            {
                Same(value);
            }
        }

        foreach (JsonNode? item in node as JsonArray ?? [])
        {
            _ = item is null ? null : Same(item);
        }

        return node;
    }

    private static Task<HubHost> StartAsync(bool direct, Seen seen, Action<WebApplicationBuilder>? configure = null) => HubHost.StartAsync(
        b =>
        {
            b.Services.Configure<HubOptions>(o => o.AddFilter(seen));
            configure?.Invoke(b);
        },
        ("Wire:Direct", $"{direct}"),
        ("Limits:PublisherMessagesPerSecond", "100000"));

    /// <summary>What went by SignalR's dispatcher.</summary>
    private sealed class Seen : IHubFilter
    {
        public ConcurrentQueue<string> Methods { get; } = [];

        public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
        {
            Methods.Enqueue(invocationContext.HubMethodName);
            return next(invocationContext);
        }
    }
}
