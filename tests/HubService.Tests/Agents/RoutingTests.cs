using System.Text.Json;

namespace HubService.Tests.Agents;

/// <summary>A message and a request for a run reach one worker that may and can answer, or nobody keeps it.</summary>
public class RoutingTests
{
    [Theory]
    [InlineData("guide", null)]
    [InlineData("guide", "guide")]
    [InlineData("liaison:content", "liaison:content")]
    [InlineData("triage", "triage")]
    public async Task A_message_reaches_the_worker_that_serves_its_target(string served, string? target)
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await ServeAsync(host, served);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        JsonElement sent = await user.CallAsync("SendMessage", new { text = "hello", target, metadata = new { k = 1 } });
        JsonElement received = (await worker.UntilAsync(m => m.Text("target") == "MessageReceived")).GetProperty("arguments")[0];
        Assert.Equal((sent.Text("run_id"), sent.Text("thread_id"), sent.Text("message_id")), (received.Text("run_id"), received.Text("thread_id"), received.Text("message_id")));
        Assert.Equal(("hello", "ada", served, "1"), (received.Text("text"), received.Text("user_id"), received.Text("agent"), received.Text("metadata", "k")));
        JsonElement listed = Assert.Single((await user.CallAsync("ListThreads")).GetProperty("threads").EnumerateArray());
        Assert.Equal((sent.Text("thread_id"), "hello"), (listed.Text("thread_id"), listed.Text("title")));
    }

    [Fact]
    public async Task A_requested_run_carries_context_and_settings()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await ServeAsync(host, "triage");
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        JsonElement started = await user.CallAsync("StartAgent", new { user_request = "sort", agent = "triage", context = new { a = 1 }, settings = new { b = 2 } });
        JsonElement received = (await worker.UntilAsync(m => m.Text("target") == "RunRequested")).GetProperty("arguments")[0];
        Assert.Equal((started.Text("run_id"), "sort", "1", "2"), (received.Text("run_id"), received.Text("user_request"), received.Text("context", "a"), received.Text("settings", "b")));
        Assert.Equal("agent_not_available", (await user.CallAsync("StartAgent", new { user_request = "sort" })).Code());
    }

    [Fact]
    public async Task The_same_message_id_of_two_people_is_two_messages()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient ada = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        await using RawHubClient grace = await RawHubClient.ConnectAsync(host, await host.TokenAsync("grace"));
        JsonElement created = await ada.CallAsync("CreateThread", new { title = "shared", members = new[] { "grace" } });
        string? thread = created.Text("thread", "thread_id");
        JsonElement first = await ada.CallAsync("SendMessage", new { thread_id = thread, message_id = "m1", text = "mine" });
        JsonElement other = await grace.CallAsync("SendMessage", new { thread_id = thread, message_id = "m1", text = "hers" });
        JsonElement again = await ada.CallAsync("SendMessage", new { thread_id = thread, message_id = "m1", text = "mine" });
        Assert.Equal((null, null), (first.Code(), other.Code()));
        Assert.NotEqual(first.Text("seq"), other.Text("seq"));
        Assert.Equal((first.Text("seq"), "true"), (again.Text("seq"), again.Text("duplicate")));
        using HttpClient http = await host.UserHttpAsync();
        Assert.Equal(["mine", "hers"], (await http.EventsAsync(new HubService.Contracts.ThreadId(thread!))).Where(e => e.Text("type") == "user_message").Select(e => e.Text("payload", "text")));
    }

    [Fact]
    public async Task A_message_that_nobody_serves_is_kept_only_when_it_asks_for_nobody()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        JsonElement refused = await user.CallAsync("SendMessage", new { text = "hello", target = "liaison:content" });
        Assert.Equal(("agent_not_available", "true"), (refused.Code(), refused.Text("error", "retryable")));
        Assert.Empty((await user.CallAsync("ListThreads")).GetProperty("threads").EnumerateArray());
        JsonElement kept = await user.CallAsync("SendMessage", new { text = "hello" });
        Assert.Equal((null, null), (kept.Code(), kept.Text("run_id")));
    }

    [Fact]
    public async Task A_busy_worker_gets_no_more_and_is_asked_again_when_its_run_ends()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await ServeAsync(host, "guide");
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        JsonElement first = await user.CallAsync("SendMessage", new { text = "one" });
        Assert.Equal("agent_not_available", (await user.CallAsync("SendMessage", new { text = "two" })).Code());
        JsonElement ended = await worker.CallRawAsync("Publish", $$$"""["{{{first.Text("thread_id")}}}",[{"type":"agent_started","run_id":"{{{first.Text("run_id")}}}","payload":{"agent_name":"a"}},{"type":"agent_completed","run_id":"{{{first.Text("run_id")}}}","payload":{"status":"success","duration_ms":1}}]]""");
        Assert.All(ended.GetProperty("results").EnumerateArray(), r => Assert.Null(r.Code()));
        Assert.NotNull((await user.CallAsync("SendMessage", new { text = "two" })).Text("run_id"));
    }

    [Fact]
    public async Task Two_workers_share_the_messages()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient one = await ServeAsync(host, "guide", 4);
        await using RawHubClient two = await ServeAsync(host, "guide", 4);
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        for (int i = 0; i < 8; i++)
        {
            Assert.Null((await user.CallAsync("SendMessage", new { text = "hello" })).Code());
        }

        await Client.Wait.Until(() => one.Calls("MessageReceived").Count + two.Calls("MessageReceived").Count == 8);
        Assert.Equal((4, 4), (one.Calls("MessageReceived").Count, two.Calls("MessageReceived").Count));
    }

    [Fact]
    public async Task A_message_sent_again_is_one_message_and_one_run_also_when_the_worker_is_busy_with_it()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await ServeAsync(host, "guide");
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        await using RawHubClient tab = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        var message = new { text = "hello", message_id = "m1" };
        JsonElement[] answers = await Task.WhenAll(user.CallAsync("SendMessage", message), tab.CallAsync("SendMessage", message), user.CallAsync("SendMessage", message));
        Assert.All(answers, a => Assert.Null(a.Code()));
        Assert.Single(answers, a => a.GetProperty("duplicate").ValueKind == JsonValueKind.False);
        Assert.Single(answers.Select(a => (a.Text("thread_id"), a.Text("seq"))).Distinct());
        Assert.Single((await user.CallAsync("ListThreads")).GetProperty("threads").EnumerateArray());
        await worker.CallAsync("Ping", 1);
        Assert.Single(worker.Calls("MessageReceived"));
        JsonElement inThread = await user.CallAsync("SendMessage", new { text = "hello", message_id = "m1", thread_id = answers[0].Text("thread_id") });
        Assert.True(inThread.GetProperty("duplicate").GetBoolean());
        JsonElement other = await user.CallAsync("SendMessage", new { text = "something else", message_id = "m1", thread_id = answers[0].Text("thread_id") });
        Assert.Equal(("invalid_message", "message_id"), (other.Code(), other.Field()));
    }

    [Fact]
    public async Task The_same_message_id_of_another_person_is_another_message()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient ada = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        await using RawHubClient eve = await RawHubClient.ConnectAsync(host, await host.TokenAsync("eve"));
        var message = new { text = "hello", message_id = "m1" };
        Assert.NotEqual((await ada.CallAsync("SendMessage", message)).Text("thread_id"), (await eve.CallAsync("SendMessage", message)).Text("thread_id"));
    }

    [Fact]
    public async Task A_worker_of_a_realm_serves_only_callers_that_share_it()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient worker = await ServeAsync(host, "guide", 9, realms: ["smart_city"]);
        await using RawHubClient inside = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada", realms: ["smart_city"]));
        await using RawHubClient outside = await RawHubClient.ConnectAsync(host, await host.TokenAsync("eve", realms: ["experience"]));
        Assert.Equal("agent_not_available", (await outside.CallAsync("SendMessage", new { text = "t", target = "guide" })).Code());
        Assert.NotNull((await inside.CallAsync("SendMessage", new { text = "t", target = "guide" })).Text("run_id"));
    }

    [Fact]
    public async Task A_thread_of_a_realm_is_answered_only_by_workers_of_it()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada", realms: ["smart_city"]));
        await using RawHubClient everywhere = await ServeAsync(host, "guide", 9);
        string thread = (await user.CallAsync("CreateThread", new { realm = "smart_city" })).Text("thread", "thread_id")!;
        Assert.Equal("agent_not_available", (await user.CallAsync("SendMessage", new { text = "t", thread_id = thread })).Code());
        await using RawHubClient inside = await ServeAsync(host, "guide", 9, realms: ["smart_city"]);
        Assert.NotNull((await user.CallAsync("SendMessage", new { text = "t", thread_id = thread })).Text("run_id"));
        Assert.Equal("forbidden", (await user.CallAsync("CreateThread", new { realm = "experience" })).Code());
    }

    [Fact]
    public async Task A_worker_is_not_asked_for_a_thread_it_may_not_publish_to_nor_for_another_tenants()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient narrow = await RawHubClient.ConnectAsync(host, await host.TokenAsync("narrow", ["worker"], ["thread:other-*"]));
        await using RawHubClient foreign = await RawHubClient.ConnectAsync(host, await host.TokenAsync("foreign", ["worker"], ["thread:*"], tenant: "t2"));
        foreach (RawHubClient worker in new[] { narrow, foreign })
        {
            Assert.Null((await worker.CallAsync("ServeAgents", new[] { "guide" }, 1)).Code());
        }

        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        Assert.Equal("agent_not_available", (await user.CallAsync("SendMessage", new { text = "t", target = "guide" })).Code());
    }

    [Fact]
    public async Task Only_a_worker_with_sensible_names_and_capacity_may_serve()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using RawHubClient user = await RawHubClient.ConnectAsync(host, await host.TokenAsync("ada"));
        await using RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.WorkerTokenAsync());
        Assert.Equal("forbidden", (await user.CallAsync("ServeAgents", new[] { "guide" }, 1)).Code());
        Assert.Equal("names", (await worker.CallAsync("ServeAgents", Array.Empty<string>(), 1)).Field());
        Assert.Equal("names", (await worker.CallAsync("ServeAgents", new[] { "a b" }, 1)).Field());
        Assert.Equal("capacity", (await worker.CallAsync("ServeAgents", new[] { "guide" }, 0)).Field());
        Assert.Equal("target", (await user.CallAsync("SendMessage", new { text = "t", target = "a b" })).Field());
        Assert.Equal("text", (await user.CallAsync("SendMessage", new { })).Field());
        Assert.Equal("message_id", (await user.CallAsync("SendMessage", new { text = "t", message_id = "a b" })).Field());
    }

    private static async Task<RawHubClient> ServeAsync(HubHost host, string name, int capacity = 1, string[]? realms = null)
    {
        RawHubClient worker = await RawHubClient.ConnectAsync(host, await host.TokenAsync("worker", ["worker", "publisher"], ["thread:*"], realms));
        Assert.Null((await worker.CallAsync("ServeAgents", new[] { name }, capacity)).Code());
        return worker;
    }
}
