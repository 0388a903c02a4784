using Microsoft.Extensions.Options;

namespace HubService.Tests.Access;

public class StartTests
{
    private const string Bearer = "Authentication:Schemes:Bearer:";
    private static readonly string GoodKey = Convert.ToBase64String(TestToken.Key);

    [Fact]
    public async Task Outside_development_the_service_does_not_start_without_a_way_to_check_tokens()
    {
        string message = await StartFailsAsync([]);

        Assert.Contains("Authentication:Schemes:Bearer:SigningKeys", message, StringComparison.Ordinal);
        Assert.Contains("Authentication:Schemes:Bearer:Authority", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_weak_key_is_refused() =>
        Assert.Contains("SigningKeys:0:Value has 31 bytes", await StartFailsAsync(Key(Convert.ToBase64String(new byte[31]))), StringComparison.Ordinal);

    [Fact]
    public async Task A_key_that_is_not_base64_is_refused() =>
        Assert.Contains("SigningKeys:0:Value is not base64", await StartFailsAsync(Key("not base64!")), StringComparison.Ordinal);

    [Fact]
    public async Task A_key_without_audience_is_refused() =>
        Assert.Contains("ValidAudiences", await StartFailsAsync([(Bearer + "SigningKeys:0:Value", GoodKey), (Bearer + "ValidIssuer", "i")]), StringComparison.Ordinal);

    [Fact]
    public async Task A_key_without_issuer_is_refused() =>
        Assert.Contains("ValidIssuer", await StartFailsAsync([(Bearer + "SigningKeys:0:Value", GoodKey), (Bearer + "Audience", "a")]), StringComparison.Ordinal);

    [Fact]
    public async Task An_authority_over_plain_http_is_refused() =>
        Assert.Contains("https", await StartFailsAsync([(Bearer + "Authority", "http://id.example"), (Bearer + "Audience", "a")]), StringComparison.Ordinal);

    [Fact]
    public async Task More_than_a_minute_of_clock_skew_is_refused() =>
        Assert.Contains("ClockSkew", await StartFailsAsync([.. Key(GoodKey), (Bearer + "ClockSkew", "00:01:01")]), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://*.example.com")]
    [InlineData("example.com")]
    [InlineData("https://Example.com")]
    [InlineData("https://example.com/")]
    [InlineData("https://example.com:443")]
    [InlineData("null")]
    [InlineData("*")]
    public async Task An_allowed_origin_that_no_browser_sends_is_refused(string origin) =>
        Assert.Contains("Access:AllowedOrigins:0", await StartFailsAsync([.. Key(GoodKey), ("Access:AllowedOrigins:0", origin)]), StringComparison.Ordinal);

    [Fact]
    public async Task Development_starts_without_any_setting()
    {
        await using AccessHost host = await AccessHost.StartAsync("Development", "{}");

        Assert.NotNull(host.Client);
    }

    private static (string, string?)[] Key(string value) => [(Bearer + "SigningKeys:0:Value", value), (Bearer + "ValidIssuer", "i"), (Bearer + "Audience", "a")];

    private static async Task<string> StartFailsAsync((string, string?)[] settings) =>
        (await Assert.ThrowsAsync<OptionsValidationException>(() => AccessHost.StartAsync("Production", "{}", settings))).Message;
}
