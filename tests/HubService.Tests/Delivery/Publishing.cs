using System.Text.Json;

namespace HubService.Tests.Delivery;

/// <summary>Publishing over HTTP, in batches, with event ids.</summary>
internal static class Publishing
{
    public static object Event(string text, string? id = null) => new { type = "status_update", event_id = id ?? $"evt_{Guid.CreateVersion7():N}", payload = new { status = text } };

    /// <summary>Publishes a batch to a thread; all of it is acknowledged.</summary>
    public static async Task<long> PublishAsync(this HttpClient http, string thread, params object[] events)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync($"/api/v1/threads/{thread}/events", events);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        JsonElement[] results = [.. answer.GetProperty("results").EnumerateArray()];
        Assert.All(results, r => Assert.False(r.TryGetProperty("error", out JsonElement e) && e.ValueKind != JsonValueKind.Null, r.ToString()));
        return results[^1].GetProperty("seq").GetInt64();
    }

    public static Task<long> PublishAsync(this HttpClient http, string thread, int count, int size = 1) =>
        http.PublishAsync(thread, [.. Enumerable.Range(0, count).Select(i => Event(size == 1 ? $"{i}" : new string('x', size)))]);
}
