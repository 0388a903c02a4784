using System.Text.Json;
using HubService.Client;
using HubService.Contracts;
using HubService.Contracts.Agents;

namespace HubService.Tests;

/// <summary>Clients of a <see cref="HubHost"/>, and what tests say to it over and over.</summary>
internal static class HubClients
{
    /// <summary>A person who owns nothing yet.</summary>
    public static async Task<AgentClient> UserAsync(this HubHost host, string subject = "ada", string[]? realms = null, string? tenant = null) =>
        new(host.Options(await host.TokenAsync(subject, realms: realms, tenant: tenant)));

    /// <summary>A service that may publish and serve everywhere in its tenant.</summary>
    public static async Task<AgentClient> WorkerAsync(this HubHost host, string subject = "worker", string[]? realms = null, string? tenant = null) =>
        new(host.Options(await host.TokenAsync(subject, ["worker", "publisher"], ["thread:*", "project:*", "user:*"], realms, tenant)));

    public static async Task<ProjectClient> ProjectUserAsync(this HubHost host, string subject = "ada") =>
        new(host.Options(await host.TokenAsync(subject)));

    public static async Task<ProjectClient> ProjectWorkerAsync(this HubHost host, string subject = "worker") =>
        new(host.Options(await host.WorkerTokenAsync(subject)));

    public static HubServiceClientOptions Options(this HubHost host, string token) => new HubServiceClientOptions
    {
        Url = host.Url,
        Retry = new RetryPolicy(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)),
    }.UseToken(token);

    /// <summary>Sends a message; as long as no worker serves the agent, the hub says so and is asked again.</summary>
    public static async Task<MessageAccepted> AskAsync(this AgentClient user, string text, string target, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await user.SendMessageAsync(text, target: target, cancellationToken: cancellationToken);
            }
            catch (HubClientException e) when (e.Code == ErrorCodes.AgentNotAvailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>The events of the run that answers a message, from its first to its last.</summary>
    public static async Task<List<AgentStreamEvent>> RunAsync(this AgentClient user, MessageAccepted sent, CancellationToken cancellationToken)
    {
        List<AgentStreamEvent> run = [];
        await foreach (StreamItem item in user.SubscribeAsync(sent.ThreadId!.Value, StreamPosition.Start, cancellationToken))
        {
            if (item is AgentStreamEvent e && e.RunId == sent.RunId)
            {
                run.Add(e);
                if (e.Type == "agent_completed")
                {
                    break;
                }
            }
        }

        return run;
    }

    public static async Task<HttpClient> UserHttpAsync(this HubHost host, string subject = "ada", string? tenant = null) =>
        await host.HttpAsync(await host.TokenAsync(subject, tenant: tenant));

    public static async Task<HttpClient> WorkerHttpAsync(this HubHost host) => await host.HttpAsync(await host.WorkerTokenAsync());

    /// <summary>What came in answer, whatever the status.</summary>
    public static async Task<JsonElement> ReadAsync(this Task<HttpResponseMessage> response)
    {
        using HttpResponseMessage answer = await response;
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static Task<JsonElement> PostAsync(this HttpClient http, string address, string json, string contentType = "application/json") =>
        http.PostAsync(address, new StringContent(json, System.Text.Encoding.UTF8, contentType)).ReadAsync();

    /// <summary>Publishes over HTTP; the answer to one event is its result.</summary>
    public static Task<JsonElement> PublishAsync(this HttpClient http, ThreadId thread, string json) => http.PostAsync($"/api/v1/threads/{thread}/events", json);

    public static Task<JsonElement> PublishAsync(this HttpClient http, ProjectId project, string json) => http.PostAsync($"/api/v1/projects/{project}/events", json);

    /// <summary>Every event that the thread holds.</summary>
    public static async Task<JsonElement[]> EventsAsync(this HttpClient http, ThreadId thread) =>
        [.. (await http.GetFromJsonAsync<JsonElement>($"/api/v1/threads/{thread}/events?limit=1000")).GetProperty("events").EnumerateArray()];

    public static async Task<JsonElement[]> EventsAsync(this HttpClient http, ProjectId project) =>
        [.. (await http.GetFromJsonAsync<JsonElement>($"/api/v1/projects/{project}/events?limit=1000")).GetProperty("events").EnumerateArray()];

    public static string? Text(this JsonElement e, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (e.ValueKind != JsonValueKind.Object || !e.TryGetProperty(name, out e))
            {
                return null;
            }
        }

        return e.ValueKind == JsonValueKind.String ? e.GetString() : e.GetRawText();
    }

    /// <summary>The code of an answer's error, or of problem details.</summary>
    public static string? Code(this JsonElement answer) => answer.Text("error", "code") ?? answer.Text("code");

    /// <summary>The field that an error names.</summary>
    public static string? Field(this JsonElement answer) => answer.Text("error", "details", "field") ?? answer.Text("details", "field");

    public static string[] Types(this IEnumerable<JsonElement> events) => [.. events.Select(e => e.Text("type")!)];

    public static string[] Names(this IEnumerable<JsonElement> events) => [.. events.Select(e => e.Text("event", "name")!)];

    /// <summary>The events are numbered 1, 2, 3 and so on.</summary>
    public static void AssertDense(this IReadOnlyList<JsonElement> events) =>
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.GetProperty("seq").GetInt64()));
}
