using System.Net;
using System.Net.Http.Headers;
using HubService.Delivery;

namespace HubService.Tests.Access;

/// <summary>What a browser on another origin is shown of the hubs: without an answer to its CORS question, nothing.</summary>
public class CrossOriginTests
{
    private const string Origin = "http://localhost:5999";

    /// <param name="connection">Some proxies ask for an upgrade whatever the client wants.</param>
    [Theory]
    [InlineData(null)]
    [InlineData("upgrade")]
    public async Task A_negotiation_is_answered_for_its_origin_also_while_the_node_drains(string? connection)
    {
        await using HubHost host = await HubHost.StartAsync();
        string token = await host.WorkerTokenAsync();
        Assert.Equal((HttpStatusCode.OK, Origin), await NegotiateAsync(host, HttpMethod.Post, token, connection));
        Assert.Equal((HttpStatusCode.NoContent, Origin), await NegotiateAsync(host, HttpMethod.Options, null, connection));
        await host.Services.GetRequiredService<Drain>().RunAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, Origin), await NegotiateAsync(host, HttpMethod.Post, token, connection));
        Assert.Equal((HttpStatusCode.NoContent, Origin), await NegotiateAsync(host, HttpMethod.Options, null, connection));
    }

    private static async Task<(HttpStatusCode Status, string? Allowed)> NegotiateAsync(HubHost host, HttpMethod method, string? token, string? connection)
    {
        using var http = new HttpClient { BaseAddress = host.Url };
        using var request = new HttpRequestMessage(method, "/hubs/agent/negotiate?negotiateVersion=1");
        request.Headers.Add("Origin", Origin);
        if (token is null)
        {
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization");
        }
        else
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (connection is not null)
        {
            request.Headers.Connection.Add(connection);
        }

        using HttpResponseMessage answer = await http.SendAsync(request);
        return (answer.StatusCode, answer.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? allowed) ? allowed.Single() : null);
    }
}
