using System.Net;

namespace HubService.Tests.Access;

public class OriginTests
{
    [Theory]
    [InlineData("https://app.example.com", true)]
    [InlineData("http://partner.example:8080", true)]
    [InlineData("{own}", true)]
    [InlineData(null, true)]
    [InlineData("null", false)]
    [InlineData("http://app.example.com", false)]
    [InlineData("https://app.example.com:8443", false)]
    [InlineData("https://app.example.com:443", false)]
    [InlineData("https://app.example.com/", false)]
    [InlineData("https://APP.example.com", false)]
    [InlineData("https://app.example.com.evil", false)]
    [InlineData("https://evil-app.example.com", false)]
    [InlineData("https://sub.app.example.com", false)]
    [InlineData("https://app.example.com@evil", false)]
    [InlineData("http://partner.example", false)]
    [InlineData("http://localhost:3000", false)]
    [InlineData("file://", false)]
    [InlineData("garbage", false)]
    [InlineData("", false)]
    public async Task Only_the_exact_origins_pass(string? origin, bool passes)
    {
        await using AccessHost host = await AccessHost.StartAsync(settings: [("Access:AllowedOrigins:0", "https://app.example.com"), ("Access:AllowedOrigins:1", "http://partner.example:8080")]);
        foreach (string path in (string[])["/api/who", "/hubs/agent", "/api/v1/threads/a/stream"])
        {
            using HttpResponseMessage response = await GetAsync(host, path, origin);

            Assert.Equal(passes ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
            if (!passes)
            {
                Assert.Contains("\"code\":\"forbidden\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Two_origins_are_none()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        string own = host.Address.GetLeftPart(UriPartial.Authority);
        using HttpResponseMessage response = await host.GetAsync("/api/who", TestToken.Sign(), ("Origin", own), ("Origin", "http://evil.example"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("http://localhost:3000", true)]
    [InlineData("http://127.0.0.1:5173", true)]
    [InlineData("http://[::1]:5173", true)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("https://app.example.com", false)]
    public async Task Development_allows_pages_of_this_machine(string origin, bool passes)
    {
        await using AccessHost host = await AccessHost.StartAsync("Development");
        using HttpResponseMessage response = await GetAsync(host, "/api/who", origin);

        Assert.Equal(passes ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task An_allowed_page_gets_its_cors_answers()
    {
        await using AccessHost host = await AccessHost.StartAsync(settings: ("Access:AllowedOrigins:0", "https://app.example.com"));
        using HttpRequestMessage request = new(HttpMethod.Options, "/hubs/agent");
        request.Headers.Add("Origin", "https://app.example.com");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,x-requested-with");
        using HttpResponseMessage preflight = await host.Client.SendAsync(request);
        using HttpResponseMessage response = await GetAsync(host, "/api/who", "https://app.example.com");

        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("https://app.example.com", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("https://app.example.com", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    private static Task<HttpResponseMessage> GetAsync(AccessHost host, string path, string? origin) => origin is null
        ? host.GetAsync(path, TestToken.Sign())
        : host.GetAsync(path, TestToken.Sign(), ("Origin", origin.Replace("{own}", host.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)));
}
