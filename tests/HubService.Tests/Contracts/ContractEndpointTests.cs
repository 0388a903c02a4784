using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using HubService.Contracts.Schema;

namespace HubService.Tests.Contracts;

/// <summary>The service tells its contract to whoever asks.</summary>
public class ContractEndpointTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task Every_listed_schema_is_served_and_stands_alone()
    {
        using HttpClient http = new() { BaseAddress = fixture.Host.Url };
        JsonElement list = JsonElement.Parse(await http.GetStringAsync("/schemas"));
        Assert.Equal(ContractVersion.Documents, list.GetProperty("version").GetString());
        Assert.Equal(PublishedContract.SchemaNames, list.GetProperty("schemas").EnumerateArray().Select(s => s.GetProperty("name").GetString()!));
        foreach (JsonElement entry in list.GetProperty("schemas").EnumerateArray())
        {
            string url = entry.GetProperty("url").GetString()!;
            JsonElement schema = JsonElement.Parse(await http.GetStringAsync(url));
            Assert.Equal(url, schema.GetProperty("$id").GetString());
            Assert.Equal(JsonSchemaWriter.Dialect, schema.GetProperty("$schema").GetString());
            Assert.All(References(schema), r => Assert.True(schema.GetProperty("$defs").TryGetProperty(r, out _), $"{url} refers to {r}"));
        }
    }

    [Fact]
    public async Task Every_event_is_listed_with_its_schemas()
    {
        using HttpClient http = new() { BaseAddress = fixture.Host.Url };
        JsonElement events = JsonElement.Parse(await http.GetStringAsync("/schemas")).GetProperty("events");
        string[] listed = [.. events.EnumerateObject().SelectMany(kind => kind.Value.EnumerateObject()).Select(e => e.Name)];
        Assert.Equal(ContractCatalog.Everything.Select(d => d.Type), listed);
        Assert.Equal("AgentStartedEvent", events.GetProperty("agent").GetProperty("agent_started").GetProperty("envelope").GetString());
    }

    [Theory]
    [InlineData("http://localhost:5173", "http://localhost:5173")]
    [InlineData("https://elsewhere.example", "*")]
    public async Task A_page_of_any_origin_may_read_the_contract(string origin, string allowed)
    {
        using HttpClient http = new() { BaseAddress = fixture.Host.Url };
        using HttpRequestMessage request = new(HttpMethod.Get, "/asyncapi.json") { Headers = { { "Origin", origin } } };
        using HttpResponseMessage response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(allowed, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("/asyncapi.json")]
    [InlineData("/schemas")]
    [InlineData("/schemas/AgentStarted.json")]
    public async Task A_document_that_the_client_has_is_not_sent_again(string path)
    {
        using HttpClient http = new() { BaseAddress = fixture.Host.Url };
        using HttpResponseMessage first = await http.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("application/json", first.Content.Headers.ContentType?.MediaType);
        Assert.Equal("public, no-cache", first.Headers.CacheControl?.ToString());
        Assert.Equal("*", Assert.Single(first.Headers.GetValues("Access-Control-Allow-Origin")));
        EntityTagHeaderValue tag = Assert.IsType<EntityTagHeaderValue>(first.Headers.ETag);
        using HttpRequestMessage again = new(HttpMethod.Get, path) { Headers = { IfNoneMatch = { tag } } };
        using HttpResponseMessage second = await http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/schemas/Nothing.json")]
    [InlineData("/schemas/agentstarted.json")]
    [InlineData("/schemas/..%2Fcontract.json")]
    public async Task An_unknown_schema_is_answered_as_every_unknown_thing(string path)
    {
        using HttpClient http = new() { BaseAddress = fixture.Host.Url };
        using HttpResponseMessage answer = await http.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("not_found", JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("code").GetString());
    }

    private static IEnumerable<string> References(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Object => node.EnumerateObject().SelectMany(p => p is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [p.Value.GetString()!.Split('/')[^1]] : References(p.Value)),
        JsonValueKind.Array => node.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
