using System.Text.Json;

namespace HubService.Tests.Agents;

public class ThreadEndpointTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task A_thread_is_created_listed_renamed_shared_and_deleted()
    {
        using HttpClient ada = await fixture.Host.UserHttpAsync("ada");
        using HttpClient bob = await fixture.Host.UserHttpAsync("bob");
        JsonElement created = await ada.PostAsync("/api/v1/threads", """{"title":"one","members":["carol"],"metadata":{"k":1}}""");
        string id = created.Text("thread", "thread_id")!;
        Assert.Equal(("one", "ada", """["carol"]"""), (created.Text("thread", "title"), created.Text("thread", "owner"), created.Text("thread", "members")));
        JsonElement renamed = await ada.PatchAsync($"/api/v1/threads/{id}", new StringContent("""{"title":"two"}""", null, "application/json")).ReadAsync();
        Assert.Equal("two", renamed.Text("thread", "title"));
        Assert.Equal("""["carol","bob"]""", (await ada.PutAsync($"/api/v1/threads/{id}/members/bob", null).ReadAsync()).Text("thread", "members"));
        JsonElement listed = Assert.Single((await bob.GetAsync("/api/v1/threads").ReadAsync()).GetProperty("threads").EnumerateArray());
        Assert.Equal((id, "two"), (listed.Text("thread_id"), listed.Text("title")));
        Assert.Equal("two", (await bob.GetAsync($"/api/v1/threads/{id}/members").ReadAsync()).Text("thread", "title"));
        Assert.Null((await ada.DeleteAsync($"/api/v1/threads/{id}").ReadAsync()).Code());
        Assert.Empty((await bob.GetAsync("/api/v1/threads").ReadAsync()).GetProperty("threads").EnumerateArray());
        Assert.Equal("not_found", (await ada.GetAsync($"/api/v1/threads/{id}").ReadAsync()).Code());
    }

    [Theory]
    [InlineData("""{"title":7}""", "invalid_message", "title")]
    [InlineData("""{"members":"bob"}""", "invalid_message", "members")]
    [InlineData("""{"members":[""]}""", "invalid_message", "members")]
    [InlineData("""{"realm":"experience"}""", "forbidden", "realm")]
    [InlineData("[]", "invalid_message", "message")]
    [InlineData("nonsense", "invalid_json", null)]
    public async Task A_thread_that_makes_no_sense_is_not_created(string body, string code, string? field)
    {
        using HttpClient http = await fixture.Host.UserHttpAsync("dan");
        JsonElement answer = await http.PostAsync("/api/v1/threads", body);
        Assert.Equal((code, field), (answer.Code(), answer.Field()));
        Assert.Empty((await http.GetAsync("/api/v1/threads").ReadAsync()).GetProperty("threads").EnumerateArray());
    }

    /// <summary>A member could have a name that no token may carry, such as one that looks like another person's.</summary>
    [Theory]
    [InlineData("ada\u200b")]
    [InlineData(" ada")]
    [InlineData("ada\u2028")]
    [InlineData("\ue000")]
    public async Task A_member_must_be_what_a_token_may_name(string member)
    {
        using HttpClient http = await fixture.Host.UserHttpAsync();
        string body = JsonSerializer.Serialize(new { title = "t", members = new[] { member } });
        JsonElement refused = await http.PostAsync("/api/v1/threads", body);
        Assert.Equal(("invalid_message", "members"), (refused.Code(), refused.Field()));
        string? thread = (await http.PostAsync("/api/v1/threads", """{"title":"t"}""")).Text("thread", "thread_id");
        Assert.Equal("members", (await http.PutAsync($"/api/v1/threads/{thread}/members/{Uri.EscapeDataString(member)}", null).ReadAsync()).Field());
        Assert.Null((await http.PutAsync($"/api/v1/threads/{thread}/members/{Uri.EscapeDataString("auth0|Zoë")}", null).ReadAsync()).Code());
    }
}
