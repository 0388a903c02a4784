using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Access;
using HubService.Client;
using HubService.Contracts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace HubService.Tests.Access;

/// <summary>A connection lives as long as its token, and a new one keeps it alive.</summary>
public class TokenLifeTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task A_token_that_ends_is_announced_and_then_closes_the_connection_so_that_the_client_comes_back()
    {
        int asked = 0;
        await using AgentClient client = new(new HubServiceClientOptions
        {
            Url = fixture.Host.Url,
            Retry = new RetryPolicy(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)),
            AccessToken = (reason, _) => ValueTask.FromResult(reason == TokenReason.Expiring ? null : (string?)Token("ada", TimeSpan.FromSeconds(Interlocked.Increment(ref asked) == 1 ? 3 : 300))),
        });
        await using RawHubClient raw = await RawHubClient.ConnectAsync(fixture.Host, Token("ada", TimeSpan.FromSeconds(3)));
        await client.ConnectAsync();
        ThreadId thread = (await client.CreateThreadAsync()).ThreadId;
        await using Recording seen = Recording.Of(client, thread);
        await seen.EventAsync("thread_created");
        await raw.UntilAsync(m => m.Text("target") == "TokenExpiring");
        await Client.Wait.Until(() => raw.Closed && Volatile.Read(ref asked) >= 2 && client.State == ConnectionState.Connected);
        await client.SendMessageAsync("back again", thread);
        await seen.EventAsync("user_message");
        seen.AssertDense();
    }

    [Fact]
    public async Task A_new_token_extends_the_connection_and_may_not_change_whose_it_is()
    {
        await using RawHubClient client = await RawHubClient.ConnectAsync(fixture.Host, Token("ada", TimeSpan.FromSeconds(4), realms: ["smart_city"]));
        Assert.Equal("forbidden", (await client.CallAsync("RefreshToken", Token("eve", TimeSpan.FromMinutes(5), realms: ["smart_city"]))).Code());
        Assert.Equal("forbidden", (await client.CallAsync("RefreshToken", Token("ada", TimeSpan.FromMinutes(5), "t2", ["smart_city"]))).Code());
        Assert.Equal("forbidden", (await client.CallAsync("RefreshToken", Token("ada", TimeSpan.FromMinutes(5), realms: ["experience"]))).Code());
        Assert.Equal("unauthorized", (await client.CallAsync("RefreshToken", "nonsense")).Code());
        Assert.Equal("unauthorized", (await client.CallAsync("RefreshToken", Token("ada", TimeSpan.FromSeconds(-5), realms: ["smart_city"]))).Code());
        await using RawHubClient expires = await RawHubClient.ConnectAsync(fixture.Host, Token("ada", TimeSpan.FromSeconds(4)));
        JsonElement refreshed = await client.CallAsync("RefreshToken", Token("ada", TimeSpan.FromMinutes(5), realms: ["smart_city"]));
        Assert.True(refreshed.GetProperty("expires_at").GetDateTimeOffset() > TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(4));
        await Client.Wait.Until(() => expires.Closed);
        Assert.Equal(7, (await client.CallAsync("Ping", 7)).GetProperty("ts").GetInt64());
    }

    private string Token(string subject, TimeSpan life, string tenant = "default", string[]? realms = null)
    {
        (string issuer, string audience, SymmetricSecurityKey key) = fixture.Host.Services.GetRequiredService<TokenKeys>().Signing!.Value;
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        JsonObject claims = new()
        {
            ["iss"] = issuer,
            ["aud"] = audience,
            ["sub"] = subject,
            ["tenant"] = tenant,
            ["iat"] = now,
            ["nbf"] = now - 60,
            ["exp"] = now + (long)life.TotalSeconds,
            ["realms"] = new JsonArray([.. (realms ?? []).Select(r => (JsonNode)r)]),
        };
        return new JsonWebTokenHandler().CreateToken(claims.ToJsonString(), new SigningCredentials(key, SecurityAlgorithms.HmacSha256));
    }
}
