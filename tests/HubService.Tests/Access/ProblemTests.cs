using System.Net;
using System.Text;
using System.Text.Json;

namespace HubService.Tests.Access;

/// <summary>Whatever goes wrong over HTTP is said as problem details with a code.</summary>
public class ProblemTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    [Theory]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound, "not_found")]
    [InlineData("GET", "/api/nothing/here", HttpStatusCode.NotFound, "not_found")]
    [InlineData("PUT", "/api/v1/threads", HttpStatusCode.MethodNotAllowed, "invalid_message")]
    [InlineData("POST", "/api/v1/threads/t/stream", HttpStatusCode.MethodNotAllowed, "invalid_message")]
    [InlineData("POST", "/api/v1/threads/t/events", HttpStatusCode.UnsupportedMediaType, "invalid_message", "text/csv")]
    [InlineData("POST", "/api/v1/threads", HttpStatusCode.UnsupportedMediaType, "invalid_message", "text/csv")]
    [InlineData("POST", "/api/v1/threads", HttpStatusCode.Forbidden, "forbidden")]
    [InlineData("GET", "/api/v1/threads/missing", HttpStatusCode.NotFound, "not_found")]
    [InlineData("POST", "/api/v1/threads/run_1/events", HttpStatusCode.UnprocessableEntity, "invalid_recipient")]
    [InlineData("GET", "/api/v1/threads/a%20b/events", HttpStatusCode.UnprocessableEntity, "invalid_message")]
    [InlineData("GET", "/api/v1/threads/t/events?limit=many", HttpStatusCode.UnprocessableEntity, "invalid_message")]
    public async Task A_refusal_has_its_status_and_code(string method, string path, HttpStatusCode status, string code, string contentType = "application/json")
    {
        using HttpClient http = await fixture.Host.HttpAsync(await fixture.Host.TokenAsync("svc", ["publisher"], ["thread:*"]));
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        request.Content = method == "GET" ? null : new StringContent("{}", Encoding.UTF8, contentType);
        using HttpResponseMessage response = await http.SendAsync(request);
        await AssertProblemAsync(response, status, code);
    }

    [Theory]
    [InlineData("/api/v1/threads")]
    [InlineData("/api/v1/projects/p/events")]
    [InlineData("/api/projects/p/state")]
    [InlineData("/hubs/agent")]
    public async Task Without_a_token_nothing_is_told(string path)
    {
        using HttpClient http = new() { BaseAddress = fixture.Host.Url };
        using HttpResponseMessage response = await http.GetAsync(path);
        await AssertProblemAsync(response, HttpStatusCode.Unauthorized, "unauthorized");
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((code, "false", $"{(int)status}"), (problem.Text("code"), problem.Text("retryable"), problem.Text("status")));
        Assert.False(string.IsNullOrEmpty(problem.Text("trace_id")));
        Assert.False(string.IsNullOrEmpty(problem.Text("detail")));
    }
}
