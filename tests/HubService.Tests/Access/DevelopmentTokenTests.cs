using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HubService.Access;
using Microsoft.IdentityModel.Tokens;

namespace HubService.Tests.Access;

public class DevelopmentTokenTests
{
    [Fact]
    public async Task A_token_for_nothing_asked_is_a_user_s_and_lasts_15_minutes()
    {
        await using AccessHost host = await AccessHost.StartAsync("Development", "{}");
        using HttpResponseMessage response = await host.Client.PostAsync("/api/dev/token", null);
        JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        using HttpResponseMessage used = await host.GetAsync("/api/who", (string?)answer["access_token"]);
        AccessHost.Who who = (await used.Content.ReadFromJsonAsync<AccessHost.Who>())!;

        Assert.Equal(["access_token", "token_type", "expires_at", "subject", "tenant"], answer.Select(p => p.Key));
        Assert.Equal("Bearer", (string?)answer["token_type"]);
        Assert.StartsWith("user-", who.Principal.Subject, StringComparison.Ordinal);
        Assert.Equal((string?)answer["subject"], who.Principal.Subject);
        Assert.Equal("default", who.Principal.Tenant);
        Assert.Equal(Roles.User, who.Principal.Roles);
        Assert.Equal(["project:*"], who.Principal.Streams);
        Assert.Equal((DateTimeOffset)answer["expires_at"]!, who.ClosesAt);
        Assert.InRange(who.ClosesAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task A_token_says_what_was_asked_for()
    {
        await using AccessHost host = await AccessHost.StartAsync("Development");
        using HttpResponseMessage response = await PostAsync(host, """{"subject":"bob","roles":["worker","publisher"],"realms":["experience"],"streams":["thread:*"],"tenant":"t2"}""");
        JsonObject answer = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        using HttpResponseMessage used = await host.GetAsync("/api/who", (string?)answer["access_token"]);
        AccessHost.Who who = (await used.Content.ReadFromJsonAsync<AccessHost.Who>())!;

        Assert.Equal(("t2", "bob", Roles.Worker | Roles.Publisher), (who.Principal.Tenant, who.Principal.Subject, who.Principal.Roles));
        Assert.Equal(["experience"], who.Principal.Realms);
        Assert.Equal(["thread:*"], who.Principal.Streams);
    }

    // A signer in the stock cache may be disposed by one request while another one signs with it.
    [Fact]
    public async Task No_signer_is_shared()
    {
        await using AccessHost host = await AccessHost.StartAsync("Development");
        using HttpResponseMessage response = await host.Client.PostAsync("/api/dev/token", null);
        SymmetricSecurityKey key = host.Services.GetRequiredService<TokenKeys>().Signing!.Value.Key;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(CryptoProviderFactory.Default.CryptoProviderCache.TryGetSignatureProvider(key, SecurityAlgorithms.HmacSha256, typeof(SymmetricSignatureProvider).FullName, true, out _));
    }

    [Theory]
    [InlineData("nonsense", "invalid_json")]
    [InlineData("[]", "invalid_json")]
    [InlineData("""{"role":"admin"}""", "invalid_json")]
    [InlineData("""{"roles":["root"]}""", "invalid_message")]
    [InlineData("""{"subject":"a\nb"}""", "invalid_message")]
    [InlineData("""{"tenant":"a:b"}""", "invalid_message")]
    public async Task A_bad_request_is_told_so(string body, string code)
    {
        await using AccessHost host = await AccessHost.StartAsync("Development");
        using HttpResponseMessage response = await PostAsync(host, body);

        Assert.Equal(code, (string?)(await response.Content.ReadFromJsonAsync<JsonObject>())!["code"]);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task Outside_development_there_is_no_such_endpoint(string environment)
    {
        await using AccessHost host = await AccessHost.StartAsync(environment);
        using HttpResponseMessage response = await PostAsync(host, "{}");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("Host", "attacker.example")]
    [InlineData("Host", "127.0.0.1.attacker.example")]
    [InlineData("Host", "192.168.0.7:5000")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task Only_a_direct_request_to_a_loopback_name_gets_one(string header, string value)
    {
        await using AccessHost host = await AccessHost.StartAsync("Development");
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/dev/token");
        request.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage response = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_token_of_another_process_is_worth_nothing()
    {
        await using AccessHost one = await AccessHost.StartAsync("Development", "{}");
        await using AccessHost other = await AccessHost.StartAsync("Development", "{}");
        using HttpResponseMessage response = await one.Client.PostAsync("/api/dev/token", null);
        string token = (string)(await response.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!;
        using HttpResponseMessage here = await one.GetAsync("/api/who", token);
        using HttpResponseMessage there = await other.GetAsync("/api/who", token);

        Assert.Equal(HttpStatusCode.OK, here.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, there.StatusCode);
    }

    [Fact]
    public async Task With_a_key_that_both_were_given_a_token_of_another_process_is_good()
    {
        await using AccessHost one = await AccessHost.StartAsync("Development");
        await using AccessHost other = await AccessHost.StartAsync("Development");
        using HttpResponseMessage response = await one.Client.PostAsync("/api/dev/token", null);
        string token = (string)(await response.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!;
        using HttpResponseMessage there = await other.GetAsync("/api/who", token);

        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(AccessHost host, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        return await host.Client.PostAsync("/api/dev/token", content);
    }
}
