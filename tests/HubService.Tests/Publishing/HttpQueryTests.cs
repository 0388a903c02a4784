using System.Text.Json;

namespace HubService.Tests.Publishing;

/// <summary>What a query may hold.</summary>
public class HttpQueryTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    [Theory]
    [InlineData("events?limit=abc", "limit")]
    [InlineData("events?limit=1.5", "limit")]
    [InlineData("events?limit=99999999999", "limit")]
    [InlineData("events?limit=1&limit=2", "limit")]
    [InlineData("events?limit=0", "limit")]
    [InlineData("events?limit=1001", "limit")]
    [InlineData("events?after=abc", "after")]
    [InlineData("events?before=1", "before")]
    [InlineData("stream?after=abc", "after")]
    public async Task A_query_that_cannot_be_read_names_its_parameter(string query, string parameter)
    {
        using HttpClient http = await fixture.Host.WorkerHttpAsync();
        using HttpResponseMessage response = await http.GetAsync($"/api/v1/threads/some/{query}");
        JsonElement problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((422, "invalid_message", parameter), ((int)response.StatusCode, problem.Code(), problem.Field()));
        Assert.StartsWith($"{parameter}: ", problem.Text("detail"), StringComparison.Ordinal);
    }
}
