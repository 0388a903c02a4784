using System.Net;
using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;
using HubService.Tests.Delivery;
using HubService.Tests.Publishing;

namespace HubService.Tests.Access;

/// <summary>Nobody sees or changes what is not theirs, and cannot tell it from what does not exist.</summary>
public class ThreadAccessTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private const string Missing = "thread_missing";
    private readonly string _ada = Ids.New("ada-");

    [Theory]
    [InlineData("Subscribe", "[\"{0}\"]")]
    [InlineData("Subscribe", "[\"{0}\",\":0\"]")]
    [InlineData("GetHistory", "[\"{0}\"]")]
    [InlineData("RenameThread", "[\"{0}\",\"mine\"]")]
    [InlineData("DeleteThread", "[\"{0}\"]")]
    [InlineData("SendMessage", "[{{\"thread_id\":\"{0}\",\"text\":\"t\"}}]")]
    [InlineData("StartAgent", "[{{\"thread_id\":\"{0}\",\"user_request\":\"t\"}}]")]
    public async Task A_foreign_thread_answers_on_the_hub_as_one_that_is_missing(string method, string arguments)
    {
        string thread = await CreateAsync();
        await using RawHubClient eve = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("eve"));
        string foreign = await AskAsync(thread), missing = await AskAsync(Missing);
        Assert.Contains("not_found", foreign, StringComparison.Ordinal);
        Assert.Equal(missing.Replace(Missing, thread, StringComparison.Ordinal), foreign);

        async Task<string> AskAsync(string id) =>
            Strip(await eve.CallRawAsync(method, string.Format(System.Globalization.CultureInfo.InvariantCulture, arguments, id)));
    }

    [Theory]
    [InlineData("GET", "/events")]
    [InlineData("GET", "/stream")]
    [InlineData("GET", "")]
    [InlineData("GET", "/members")]
    [InlineData("PUT", "/members/eve")]
    [InlineData("DELETE", "/members/eve")]
    [InlineData("DELETE", "")]
    public async Task A_foreign_thread_answers_over_http_as_one_that_is_missing(string method, string path)
    {
        string thread = await CreateAsync();
        using HttpClient eve = await fixture.Host.UserHttpAsync("eve");
        string foreign = await AskAsync(thread), missing = await AskAsync(Missing);
        Assert.Contains("\"code\":\"not_found\"", foreign, StringComparison.Ordinal);
        Assert.Equal(missing.Replace(Missing, thread, StringComparison.Ordinal), foreign);

        async Task<string> AskAsync(string id)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), $"/api/v1/threads/{id}{path}");
            using HttpResponseMessage response = await eve.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            return Strip(JsonElement.Parse(await response.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task A_member_reads_and_talks_but_does_not_manage_and_leaves_with_nothing_more()
    {
        await using AgentClient ada = await fixture.Host.UserAsync(_ada);
        await using AgentClient bob = await fixture.Host.UserAsync("bob");
        using HttpClient http = await fixture.Host.UserHttpAsync(_ada);
        ThreadId thread = (await ada.CreateThreadAsync(new CreateThread("ours"))).ThreadId;
        JsonElement added = await http.PutAsync($"/api/v1/threads/{thread}/members/bob", null).ReadAsync();
        Assert.Equal("""["bob"]""", added.Text("thread", "members"));
        await using Recording seen = Recording.Of(bob, thread);
        await bob.SendMessageAsync("hello", thread);
        await seen.EventAsync("user_message");
        Assert.Contains(await bob.ListThreadsAsync(), t => t.ThreadId == thread);
        Assert.Equal("not_found", (await Assert.ThrowsAsync<HubClientException>(() => bob.RenameThreadAsync(thread, "mine"))).Code);

        await http.DeleteAsync($"/api/v1/threads/{thread}/members/bob").ReadAsync();
        await Client.Wait.Until(() => seen.Refused is not null);
        Assert.Equal(("not_found", new StreamItem.Reset(new StreamPosition("", 0), "", 0)), (seen.Refused, seen.Items[^1]));
        await ada.SendMessageAsync("among us", thread);
        await bob.PingAsync();
        Assert.DoesNotContain(seen.Events, e => e.As<UserMessage>()?.Text == "among us");
        Assert.Equal("not_found", (await Assert.ThrowsAsync<HubClientException>(() => bob.GetHistoryAsync(thread))).Code);
        Assert.DoesNotContain(await bob.ListThreadsAsync(), t => t.ThreadId == thread);
    }

    /// <summary>
    /// Who was taken off a thread heard nothing more and could not tell it from a quiet thread; and who took a token with fewer
    /// grants kept what the old one had opened.
    /// </summary>
    [Fact]
    public async Task Who_may_no_longer_read_a_stream_is_told_and_gets_nothing_more()
    {
        await using AgentClient ada = await fixture.Host.UserAsync(_ada);
        using HttpClient http = await fixture.Host.UserHttpAsync(_ada);
        await using RawHubClient bob = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("bob"));
        ThreadId thread = (await ada.CreateThreadAsync(new CreateThread("ours", ["bob"]))).ThreadId;
        Assert.Null((await bob.CallAsync("Subscribe", thread.Value)).Code());
        await http.DeleteAsync($"/api/v1/threads/{thread}/members/bob").ReadAsync();
        await bob.UntilAsync(m => m.Text("target") == "Reset");
        await AssertGoneAsync(bob, thread.Value);

        string kept = Ids.New("a-"), lost = Ids.New("b-");
        await using RawHubClient service = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("svc", ["publisher"], ["thread:a-*", "thread:b-*"]));
        Assert.Null((await service.CallAsync("Subscribe", kept)).Code());
        Assert.Null((await service.CallAsync("Subscribe", lost)).Code());
        Assert.Null((await service.CallAsync("RefreshToken", await fixture.Host.TokenAsync("svc", ["publisher"], ["thread:a-*"]))).Code());
        await AssertGoneAsync(service, lost);
        using HttpClient worker = await fixture.Host.WorkerHttpAsync();
        await worker.PublishAsync(new ThreadId(lost), """{"type":"status_update","payload":{"status":"lost"}}""");
        await worker.PublishAsync(new ThreadId(kept), """{"type":"status_update","payload":{"status":"kept"}}""");
        await service.UntilAsync(m => m.Text("target") == "StatusUpdate");
        Assert.Equal([kept], service.Calls("StatusUpdate").Select(e => e.Text("thread_id")));

        static async Task AssertGoneAsync(RawHubClient client, string id)
        {
            JsonElement reset = Assert.Single(client.Calls("Reset")).GetProperty("payload");
            Assert.Equal(($"thread:{id}", "", "0"), (reset.Text("stream"), reset.Text("epoch"), reset.Text("last_valid")));
            Assert.Equal("not_found", (await client.CallAsync("Subscribe", id)).Code());
        }
    }

    /// <summary>Who lost access after the check, and before the node followed the stream for it, was a member that no news had reached.</summary>
    [Fact]
    public async Task Who_is_taken_off_while_subscribing_does_not_subscribe()
    {
        FaultyLog? log = null;
        await using HubHost host = await HubHost.StartAsync(FaultyLog.Install(l => log = l));
        await using AgentClient ada = await host.UserAsync(_ada);
        using HttpClient http = await host.UserHttpAsync(_ada);
        await using RawHubClient bob = await RawHubClient.ConnectAsync(host, await host.TokenAsync("bob"));
        ThreadId thread = (await ada.CreateThreadAsync(new CreateThread("ours", ["bob"]))).ThreadId;
        bool off = false;
        log!.Registering = async stream =>
        {
            if (stream.Id == thread.Value && !off)
            {
                off = true;
                await http.DeleteAsync($"/api/v1/threads/{thread}/members/bob").ReadAsync();
            }
        };
        Assert.Equal("not_found", (await bob.CallAsync("Subscribe", thread.Value)).Code());
        Assert.True(off);
        await ada.SendMessageAsync("among us", thread);
        await bob.CallAsync("Ping", 1);
        Assert.Empty(bob.Calls("UserMessage"));
    }

    /// <summary>A reader of server-sent events who was taken off a thread saw the stream end, as when a network breaks.</summary>
    [Fact]
    public async Task A_reader_of_server_sent_events_who_may_no_longer_read_is_told_before_the_stream_ends()
    {
        await using AgentClient ada = await fixture.Host.UserAsync(_ada);
        using HttpClient http = await fixture.Host.UserHttpAsync(_ada);
        ThreadId thread = (await ada.CreateThreadAsync(new CreateThread("ours", ["bob"]))).ThreadId;
        await using SseClient bob = await SseClient.OpenAsync(fixture.Host.Url, await fixture.Host.TokenAsync("bob"), thread.Value);
        await http.DeleteAsync($"/api/v1/threads/{thread}/members/bob").ReadAsync();
        await ada.SendMessageAsync("among us", thread);
        (string Type, string Id, string Data)? told = await bob.NextAsync();

        // The news that bob is off may still reach him; nothing that was said after it does.
        told = told?.Type == "thread_updated" ? await bob.NextAsync() : told;
        Assert.Equal(("reset", ":0", $$"""{"stream":"thread:{{thread}}","epoch":"","last_valid":0}"""), told);
        Assert.Null(await bob.NextAsync());
    }

    [Fact]
    public async Task A_deleted_thread_is_gone_for_everyone_and_its_runs_have_ended()
    {
        await using AgentClient ada = await fixture.Host.UserAsync(_ada);
        using HttpClient worker = await fixture.Host.WorkerHttpAsync();
        ThreadId thread = (await ada.CreateThreadAsync()).ThreadId;
        await using Recording seen = Recording.Of(ada, thread);
        await seen.EventAsync("thread_created");
        await worker.PublishAsync(thread, """[{"type":"agent_started","run_id":"run_1","payload":{"agent_name":"a"}},{"type":"tool_executing","run_id":"run_1","payload":{"tool_call_id":"c","tool_name":"t"}}]""");
        await ada.DeleteThreadAsync(thread);
        await seen.EventAsync("thread_deleted");
        Assert.Equal(["agent_started", "tool_executing", "tool_completed", "agent_completed"], seen.TypesOf(new RunId("run_1")));
        Assert.Equal("not_found", (await Assert.ThrowsAsync<HubClientException>(() => ada.GetHistoryAsync(thread))).Code);
        Assert.Equal("not_found", (await Assert.ThrowsAsync<HubClientException>(() => ada.DeleteThreadAsync(thread))).Code);
        Assert.Equal("not_found", (await worker.PublishAsync(thread, """{"type":"status_update","payload":{"status":"late"}}""")).Code());
        Assert.Empty(await ada.ListThreadsAsync());
    }

    [Fact]
    public async Task Tenants_with_the_same_ids_share_nothing()
    {
        await using AgentClient one = await fixture.Host.WorkerAsync("w", tenant: "t1");
        await using AgentClient two = await fixture.Host.WorkerAsync("w", tenant: "t2");
        ThreadId thread = ThreadId.New();
        await using Recording seenOne = Recording.Of(one, thread);
        await using Recording seenTwo = Recording.Of(two, thread);
        await one.PublishAsync(thread, new StatusUpdate("of one"));
        await two.PublishAsync(thread, new StatusUpdate("of two"));
        Assert.Equal("of one", (await seenOne.EventAsync("status_update")).As<StatusUpdate>()!.Status);
        Assert.Equal("of two", (await seenTwo.EventAsync("status_update")).As<StatusUpdate>()!.Status);
        Assert.Single((await one.GetHistoryAsync(thread)).Events);
        Assert.Single((await two.GetHistoryAsync(thread)).Events);
        Assert.Single(seenOne.Events);
        await using AgentClient ada = await fixture.Host.UserAsync(_ada, tenant: "t1");
        await using AgentClient namesake = await fixture.Host.UserAsync(_ada, tenant: "t2");
        ThreadId own = (await ada.CreateThreadAsync()).ThreadId;
        Assert.Empty(await namesake.ListThreadsAsync());
        Assert.Equal("not_found", (await Assert.ThrowsAsync<HubClientException>(() => namesake.GetHistoryAsync(own))).Code);
    }

    [Fact]
    public async Task A_role_or_a_grant_that_is_missing_is_refused()
    {
        await using RawHubClient user = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("eve"));
        await using RawHubClient narrow = await RawHubClient.ConnectAsync(fixture.Host, await fixture.Host.TokenAsync("svc", ["publisher"], ["thread:a-*"]));
        Assert.Equal("forbidden", (await user.CallRawAsync("Publish", """["a-1",{"type":"status_update","payload":{"status":"s"}}]""")).Code());
        Assert.Equal("not_found", (await narrow.CallRawAsync("Publish", """["b-1",{"type":"status_update","payload":{"status":"s"}}]""")).Code());
        Assert.Null((await narrow.CallRawAsync("Publish", """["a-1",{"type":"status_update","payload":{"status":"s"}}]""")).GetProperty("results")[0].Code());
        Assert.Equal("forbidden", (await narrow.CallAsync("SendMessage", new { text = "t", thread_id = "a-1" })).Code());
        Assert.Equal("forbidden", (await narrow.CallAsync("CreateThread", new { })).Code());
        Assert.Equal("invalid_recipient", (await narrow.CallRawAsync("Publish", """["run_1",{"type":"status_update","payload":{"status":"s"}}]""")).Code());
        Assert.Equal("invalid_recipient", (await user.CallAsync("Subscribe", "run_1")).Code());
        Assert.Equal("invalid_message", (await user.CallAsync("Subscribe", "a b")).Code());
        Assert.Equal("position", (await user.CallAsync("Subscribe", "a", "nonsense")).Field());
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        Assert.Equal("invalid_recipient", (await http.PublishAsync(new ThreadId("run_1"), """{"type":"status_update","payload":{"status":"s"}}""")).Code());
        using HttpClient nobody = await fixture.Host.HttpAsync("nonsense");
        Assert.Equal("unauthorized", (await nobody.GetAsync("/api/v1/threads").ReadAsync()).Code());
    }

    private async Task<string> CreateAsync()
    {
        await using AgentClient ada = await fixture.Host.UserAsync(_ada);
        return (await ada.CreateThreadAsync(new CreateThread("private"))).ThreadId.Value;
    }

    private static string Strip(JsonElement answer)
    {
        System.Text.Json.Nodes.JsonNode node = System.Text.Json.Nodes.JsonNode.Parse(answer.GetRawText())!;
        node.AsObject().Remove("trace_id");
        node["error"]?.AsObject().Remove("trace_id");
        return node.ToJsonString();
    }
}
