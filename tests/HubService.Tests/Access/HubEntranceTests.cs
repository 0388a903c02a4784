using System.Net;

namespace HubService.Tests.Access;

public class HubEntranceTests
{
    private static readonly (string Name, string Value)[] Upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket")];

    [Fact]
    public async Task A_socket_with_a_good_token_goes_straight_in_and_nothing_keeps_its_token()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        string token = TestToken.Sign();

        foreach (HttpResponseMessage answer in (HttpResponseMessage[])[
            await host.GetAsync("/hubs/short?id=7", token, Upgrade),
            await host.GetAsync($"/hubs/short?id=7&access_token={token}", null, Upgrade)])
        {
            AccessHost.Seen seen = (await answer.Content.ReadFromJsonAsync<AccessHost.Seen>(TestContext.Current.CancellationToken))!;

            Assert.True(seen.IsShort);
            Assert.Equal("7", seen.Id);
            Assert.DoesNotContain(token, seen.Kept, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_no_socket_takes_the_common_way()
    {
        await using AccessHost host = await AccessHost.StartAsync();

        using HttpResponseMessage answer = await host.GetAsync("/hubs/short", TestToken.Sign());

        Assert.False((await answer.Content.ReadFromJsonAsync<AccessHost.Seen>(TestContext.Current.CancellationToken))!.IsShort);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("bad")]
    public async Task A_socket_without_a_good_token_is_refused_as_everywhere(string? kind)
    {
        await using AccessHost host = await AccessHost.StartAsync();

        using HttpResponseMessage answer = await host.GetAsync("/hubs/short", kind is null ? null : TestToken.Sign(key: new byte[32]), Upgrade);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task An_endpoint_that_asks_for_more_than_a_token_has_no_short_way()
    {
        await using AccessHost host = await AccessHost.StartAsync();

        using HttpResponseMessage answer = await host.GetAsync("/api/admin", TestToken.Sign(), Upgrade);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
