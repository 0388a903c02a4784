using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HubService.Access;
using HubService.Contracts;

namespace HubService.Tests.Access;

public sealed class TokenTests(TokenTests.Shared shared) : IClassFixture<TokenTests.Shared>
{
    private readonly AccessHost _host = shared.Host;

    public static TheoryData<string> BadTokens => [.. Bad().Select(b => b.Name)];

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task Every_bad_token_gets_the_same_answer(string name)
    {
        string token = Bad().Single(b => b.Name == name).Token;

        using HttpResponseMessage api = await _host.GetAsync("/api/who", token);
        using HttpResponseMessage hub = await _host.GetAsync("/hubs/agent?access_token=" + Uri.EscapeDataString(token), null, ("Accept", "text/event-stream"));
        TokenResult refreshed = await _host.Services.GetRequiredService<BearerTokens>().ValidateAsync(token);

        foreach (HttpResponseMessage response in (HttpResponseMessage[])[api, hub])
        {
            // Kestrel refuses the request line of an oversize query by itself.
            if (response.StatusCode == HttpStatusCode.RequestUriTooLong)
            {
                continue;
            }

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().ToString());
            JsonObject body = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
            Assert.Equal("The token is missing or not valid.", (string?)body["detail"]);
            Assert.Equal("unauthorized", (string?)body["code"]);
            Assert.False((bool)body["retryable"]!);
            Assert.NotNull((string?)body["trace_id"]);
        }

        Assert.Null(refreshed.Principal);
        Assert.Equal(ErrorCodes.Unauthorized, refreshed.Error!.Code);
    }

    [Fact]
    public async Task No_token_is_answered_like_a_bad_one()
    {
        using HttpResponseMessage response = await _host.GetAsync("/api/who");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("The token is missing or not valid.", (string?)(await response.Content.ReadFromJsonAsync<JsonObject>())!["detail"]);
    }

    [Theory]
    [InlineData("HS256", null)]
    [InlineData("HS384", null)]
    [InlineData("HS512", TestToken.KeyId)]
    public async Task A_token_of_dotnet_user_jwts_works_as_it_is(string algorithm, string? kid)
    {
        JsonObject claims = TestToken.Claims().With("role", new JsonArray("publisher", "user", "somebody-elses-role")).With("streams", "project:* thread:a");
        using HttpResponseMessage response = await _host.GetAsync("/api/who", TestToken.Sign(claims, TestToken.Header(algorithm, kid)));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        AccessHost.Who who = (await response.Content.ReadFromJsonAsync<AccessHost.Who>())!;
        Assert.Equal("t1", who.Principal.Tenant);
        Assert.Equal("alice", who.Principal.Subject);
        Assert.Equal(Roles.Publisher | Roles.User, who.Principal.Roles);
        Assert.Equal(["project:*", "thread:a"], who.Principal.Streams);
    }

    [Fact]
    public async Task The_ticket_carries_the_expiry_that_closes_connections()
    {
        JsonObject claims = TestToken.Claims();
        using HttpResponseMessage response = await _host.GetAsync("/api/who", TestToken.Sign(claims));

        AccessHost.Who who = (await response.Content.ReadFromJsonAsync<AccessHost.Who>())!;
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!), who.ClosesAt);
        Assert.Equal(who.ClosesAt, who.Principal.ExpiresAt);
    }

    [Theory]
    [InlineData("GET", "/hubs/agent", "text/event-stream", true)]
    [InlineData("GET", "/hubs/agent", "*/*", false)]
    [InlineData("POST", "/hubs/agent", "text/event-stream", false)]
    [InlineData("GET", "/api/v1/threads/a/stream", "*/*", true)]
    [InlineData("POST", "/api/v1/threads/a/stream", "*/*", false)]
    [InlineData("GET", "/api/v1/threads", "text/event-stream", false)]
    [InlineData("GET", "/api/who", "text/event-stream", false)]
    public async Task A_token_in_the_query_counts_only_where_browsers_cannot_set_a_header(string method, string path, string accept, bool counts)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), $"{path}?access_token={TestToken.Sign()}");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using HttpResponseMessage response = await _host.Client.SendAsync(request);

        Assert.Equal(counts ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_token_in_the_query_of_a_socket_upgrade_counts()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/hubs/agent?access_token={TestToken.Sign()}");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new("websocket"));
        using HttpResponseMessage response = await _host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_header_wins_over_the_query()
    {
        using HttpResponseMessage response = await _host.GetAsync($"/api/v1/threads/a/stream?access_token={TestToken.Sign()}", "garbage");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Clocks_may_differ_by_a_minute_before_a_token_begins_but_not_after_it_ends()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using HttpResponseMessage early = await _host.GetAsync("/api/who", TestToken.Sign(TestToken.Claims(now.AddSeconds(40))));
        using HttpResponseMessage late = await _host.GetAsync("/api/who", TestToken.Sign(TestToken.Claims(now.AddSeconds(-301))));

        Assert.Equal(HttpStatusCode.OK, early.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
    }

    [Fact]
    public async Task An_open_endpoint_ignores_a_bad_token()
    {
        using HttpResponseMessage response = await _host.GetAsync("/open", "garbage");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("admin", HttpStatusCode.OK)]
    [InlineData("publisher", HttpStatusCode.Forbidden)]
    public async Task Only_admins_pass_the_admin_policy(string role, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await _host.GetAsync("/api/admin", TestToken.Sign(TestToken.Claims().With("role", role)));

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Forbidden)
        {
            Assert.Equal("forbidden", (string?)(await response.Content.ReadFromJsonAsync<JsonObject>())!["code"]);
        }
    }

    [Fact]
    public async Task No_part_of_a_refused_token_is_logged()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        foreach ((_, string token) in Bad())
        {
            using HttpResponseMessage response = await host.GetAsync("/api/who", token);
        }

        string[] parts = Bad().SelectMany(b => b.Token.Split('.')).Where(p => p.Length > 12).Distinct().ToArray();
        Assert.NotEmpty(host.Logs.Lines);
        Assert.DoesNotContain(host.Logs.Lines, line => parts.Any(p => line.Contains(p, StringComparison.Ordinal)));
    }

    private static IEnumerable<(string Name, string Token)> Bad()
    {
        JsonObject Claims() => TestToken.Claims();
        string payload = Claims().ToJsonString();
        byte[] key = TestToken.Key;
        string good = TestToken.Sign();
        string[] parts = good.Split('.');

        foreach (string none in (string[])["none", "None", "nOnE", "NONE", ""])
        {
            yield return ($"alg '{none}' unsigned", TestToken.Body($$"""{"alg":"{{none}}","typ":"JWT"}""", payload) + ".");
            yield return ($"alg '{none}' signed", TestToken.SignRaw($$"""{"alg":"{{none}}","typ":"JWT"}""", payload, key));
        }

        foreach (string alg in (string[])["RS256", "PS256", "ES256", "hs256", "HS256 ", "HS1", "dir", "A128KW"])
        {
            yield return ($"alg {alg} signed with the shared key", TestToken.SignRaw($$"""{"alg":"{{alg}}","typ":"JWT"}""", payload, key));
        }

        yield return ("no alg", TestToken.SignRaw("""{"typ":"JWT"}""", payload, key));
        yield return ("alg null", TestToken.SignRaw("""{"alg":null,"typ":"JWT"}""", payload, key));
        yield return ("alg a number", TestToken.SignRaw("""{"alg":256}""", payload, key));
        yield return ("two algs", TestToken.SignRaw("""{"alg":"none","alg":"HS256"}""", payload, key));
        yield return ("alg HS256 in the header, HS384 in the signature", TestToken.Body("""{"alg":"HS256"}""", payload) + "." + TestToken.SignRaw("""{"alg":"HS384"}""", payload, key).Split('.')[2]);
        using (RSA rsa = RSA.Create(2048))
        {
            yield return ("RS256 of a key of one's own", TestToken.Sign(Claims(), TestToken.Header("RS256"), d => rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
            yield return ("HS256 with a public key as secret", TestToken.Sign(key: rsa.ExportSubjectPublicKeyInfo()));
            string jwk = Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
            yield return ("jwk in the header", TestToken.Sign(header: TestToken.Header().With("jwk", jwk)));
        }

        yield return ("ES256 with a zero signature", TestToken.Body("""{"alg":"ES256"}""", payload) + "." + new string('A', 86));
        foreach (string field in (string[])["jku", "x5u", "x5c", "crit", "zip", "cty", "b64", "enc"])
        {
            yield return ($"header field {field}", TestToken.Sign(header: TestToken.Header().With(field, "DEF")));
        }

        yield return ("type JOSE", TestToken.Sign(header: TestToken.Header().With("typ", "JOSE")));
        yield return ("unknown kid", TestToken.Sign(header: TestToken.Header(kid: "other")));
        yield return ("kid a path", TestToken.Sign(header: TestToken.Header(kid: "../../etc/passwd")));
        yield return ("kid of 5 KB", TestToken.Sign(header: TestToken.Header(kid: new string('k', 5000))));
        yield return ("kid an object", TestToken.SignRaw("""{"alg":"HS256","kid":{}}""", payload, key));
        yield return ("another key", TestToken.Sign(key: SHA256.HashData("another"u8)));
        yield return ("empty key", TestToken.Sign(key: []));
        yield return ("changed payload", $"{parts[0]}.{TestToken.Body("{}", Claims().With("sub", "eve").ToJsonString()).Split('.')[1]}.{parts[2]}");
        yield return ("cut signature", good[..^4]);
        yield return ("no signature", $"{parts[0]}.{parts[1]}.");
        yield return ("two parts", $"{parts[0]}.{parts[1]}");
        yield return ("four parts", good + ".AAAA");
        yield return ("five parts (JWE)", $"{TestToken.Body("""{"alg":"dir","enc":"A256GCM"}""", "{}").Split('.')[0]}..{parts[1]}.{parts[1]}.{parts[2]}");
        yield return ("padded", good + "=");
        yield return ("blank inside", good.Insert(20, " "));
        yield return ("standard base64", good.Replace('_', '/').Replace('-', '+') + "+/");
        yield return ("garbage", "garbage");
        yield return ("dots", "..");
        yield return ("not json", $"{Raw("hello")}.{Raw("world")}.{parts[2]}");
        yield return ("header an array", TestToken.SignRaw("[]", payload, key));
        yield return ("payload an array", TestToken.SignRaw("""{"alg":"HS256"}""", "[]", key));
        yield return ("payload a text", TestToken.SignRaw("""{"alg":"HS256"}""", "\"x\"", key));
        yield return ("payload of invalid UTF-8", $"{parts[0]}.gICA.{parts[2]}");
        yield return ("payload with a sub twice", TestToken.SignRaw("""{"alg":"HS256"}""", payload[..^1] + ""","sub":"eve"}""", key));
        yield return ("payload nested 9 deep", TestToken.Sign(Claims().With("x", JsonNode.Parse("[[[[[[[[[]]]]]]]]]"))));
        yield return ("65 claims more", TestToken.Sign(Enumerable.Range(0, 65).Aggregate(Claims(), (c, i) => c.With($"c{i}", i))));
        yield return ("oversize", TestToken.Sign(Claims().With("x", new string('x', 7000))));

        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        yield return ("expired a second ago", TestToken.Sign(Claims().With("exp", now - 1)));
        yield return ("no exp", TestToken.Sign(Claims().Without("exp")));
        yield return ("exp null", TestToken.Sign(Claims().With("exp", null)));
        yield return ("exp a text", TestToken.Sign(Claims().With("exp", $"{now + 300}")));
        yield return ("exp negative", TestToken.Sign(Claims().With("exp", -1)));
        yield return ("exp beyond time", TestToken.SignRaw("""{"alg":"HS256"}""", Claims().Without("exp").ToJsonString()[..^1] + ""","exp":1e300}""", key));
        yield return ("not yet valid", TestToken.Sign(Claims().With("nbf", now + 120)));
        yield return ("issued in the future", TestToken.Sign(Claims().With("iat", now + 120)));
        yield return ("nbf a text", TestToken.Sign(Claims().With("nbf", "tomorrow")));
        foreach (string audience in (string[])["", "other", "http://localhost:5000/", "http://localhost:500", "HTTP://LOCALHOST:5000"])
        {
            yield return ($"audience '{audience}'", TestToken.Sign(Claims().With("aud", audience)));
        }

        yield return ("no audience", TestToken.Sign(Claims().Without("aud")));
        yield return ("audience list without us", TestToken.Sign(Claims().With("aud", new JsonArray("a", "b"))));
        foreach (string issuer in (string[])["", "other", "dotnet-user-jwts/", "dotnet-user-jwt", "Dotnet-User-Jwts"])
        {
            yield return ($"issuer '{issuer}'", TestToken.Sign(Claims().With("iss", issuer)));
        }

        yield return ("no issuer", TestToken.Sign(Claims().Without("iss")));
        yield return ("issuer an array", TestToken.Sign(Claims().With("iss", new JsonArray(TestToken.Issuer))));
        yield return ("no sub", TestToken.Sign(Claims().Without("sub")));
        yield return ("sub empty", TestToken.Sign(Claims().With("sub", "")));
        yield return ("sub with a line break", TestToken.Sign(Claims().With("sub", "a\r\nb")));
        yield return ("sub with a direction override", TestToken.Sign(Claims().With("sub", "a\u202Eb")));
        yield return ("sub of 129 characters", TestToken.Sign(Claims().With("sub", new string('s', 129))));
        yield return ("sub two", TestToken.Sign(Claims().With("sub", new JsonArray("alice", "bob"))));
        foreach (string tenant in (string[])["", "a:b", "a b", "../b", "{x}", "*"])
        {
            yield return ($"tenant '{tenant}'", TestToken.Sign(Claims().With("tenant", tenant)));
        }

        yield return ("two tenants", TestToken.Sign(Claims().With("tenant", new JsonArray("t1", "t2"))));
    }

    public sealed class Shared : IAsyncLifetime
    {
        internal AccessHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Host = await AccessHost.StartAsync();

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }

    private static string Raw(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
