using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace HubService.Tests.Access;

public sealed class AuthorityTests : IAsyncLifetime
{
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private WebApplication _authority = null!;
    private AccessHost _host = null!;

    private string Issuer => _authority.Urls.First();

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        _authority = builder.Build();
        _authority.MapGet("/.well-known/openid-configuration", (HttpContext c) => c.Response.WriteAsync(
            new JsonObject { ["issuer"] = Issuer, ["jwks_uri"] = Issuer + "/keys" }.ToJsonString()));
        _authority.MapGet("/keys", (HttpContext c) => c.Response.WriteAsync(new JsonObject { ["keys"] = new JsonArray(RsaJwk(), EcJwk()) }.ToJsonString()));
        await _authority.StartAsync();
        _host = await AccessHost.StartAsync(
            json: "{}",
            settings: [("Authentication:Schemes:Bearer:Authority", Issuer), ("Authentication:Schemes:Bearer:RequireHttpsMetadata", "false"), ("Authentication:Schemes:Bearer:Audience", TestToken.Audience)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _authority.DisposeAsync();
        _rsa.Dispose();
        _ec.Dispose();
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task Tokens_signed_with_a_published_key_work(string algorithm)
    {
        using HttpResponseMessage response = await _host.GetAsync("/api/who", Sign(algorithm));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_published_key_is_never_a_shared_secret()
    {
        foreach (byte[] secret in (byte[][])[_rsa.ExportSubjectPublicKeyInfo(), _rsa.ExportRSAPublicKey(), System.Text.Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem())])
        {
            using HttpResponseMessage response = await _host.GetAsync("/api/who", TestToken.Sign(Claims(), TestToken.Header(kid: "rsa"), secret));

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_kid_names_a_key_of_its_own_issuer_only()
    {
        // The token library caches signature verifiers process-wide under type, kid and algorithm. Two issuers that both call
        // their key "rsa" (or one issuer before and after a rotation) then checked each other's tokens with the wrong key:
        // good ones were refused, and a token of one tenant's issuer could pass as another's. Verifiers are not cached.
        using HttpResponseMessage first = await _host.GetAsync("/api/who", Sign("RS256"));
        await using AuthorityTests other = new();
        await other.InitializeAsync();
        using HttpResponseMessage second = await other._host.GetAsync("/api/who", other.Sign("RS256"));
        using HttpResponseMessage crossed = await other._host.GetAsync(
            "/api/who", TestToken.Sign(other.Claims(), TestToken.Header("RS256", "rsa"), d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, crossed.StatusCode);
    }

    [Fact]
    public async Task Key_and_algorithm_must_belong_together()
    {
        string swapped = TestToken.Sign(Claims(), TestToken.Header("ES256", "ec"), d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        string padding = TestToken.Sign(Claims(), TestToken.Header("PS256", "rsa"), d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        string longer = TestToken.Sign(Claims(), TestToken.Header("RS512", "rsa"), d => _rsa.SignData(d, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1));
        string unknown = TestToken.Sign(Claims(), TestToken.Header("RS256", "gone"), d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        foreach (string token in (string[])[swapped, padding, longer, unknown])
        {
            using HttpResponseMessage response = await _host.GetAsync("/api/who", token);

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task An_authority_that_does_not_answer_is_not_the_token_s_fault()
    {
        // A client that hears "unauthorized" gives up for good; this one should come back.
        await using AccessHost host = await AccessHost.StartAsync(
            json: "{}",
            settings: [("Authentication:Schemes:Bearer:Authority", "http://127.0.0.1:1"), ("Authentication:Schemes:Bearer:RequireHttpsMetadata", "false"), ("Authentication:Schemes:Bearer:Audience", TestToken.Audience)]);
        using HttpResponseMessage response = await host.GetAsync("/api/who", Sign("RS256"));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.True((bool)(await response.Content.ReadFromJsonAsync<JsonObject>())!["retryable"]!);
    }

    private JsonObject Claims() => TestToken.Claims().With("iss", Issuer);

    private string Sign(string algorithm) => algorithm switch
    {
        "ES256" => TestToken.Sign(Claims(), TestToken.Header(algorithm, "ec"), d => _ec.SignData(d, HashAlgorithmName.SHA256)),
        "PS256" => TestToken.Sign(Claims(), TestToken.Header(algorithm, "rsa"), d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
        _ => TestToken.Sign(Claims(), TestToken.Header(algorithm, "rsa"), d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
    };

    private JsonObject RsaJwk()
    {
        RSAParameters p = _rsa.ExportParameters(false);
        return new JsonObject { ["kty"] = "RSA", ["kid"] = "rsa", ["use"] = "sig", ["n"] = Base64Url.EncodeToString(p.Modulus), ["e"] = Base64Url.EncodeToString(p.Exponent) };
    }

    private JsonObject EcJwk()
    {
        ECParameters p = _ec.ExportParameters(false);
        return new JsonObject { ["kty"] = "EC", ["kid"] = "ec", ["use"] = "sig", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(p.Q.X), ["y"] = Base64Url.EncodeToString(p.Q.Y) };
    }
}
