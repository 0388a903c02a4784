using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace HubService.Cluster.Tests.Rig;

/// <summary>The events that scenarios publish: log lines of a project, whose text is what is compared.</summary>
internal static class Content
{
    /// <param name="eventId">Null: the hub gives it one.</param>
    public static object Event(string? eventId, string text) => new { event_id = eventId, name = "LOG_LINE", payload = new { run_id = "system", level = "info", text } };

    public static string Hash(string? text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text ?? "")).AsSpan(0, 8));

    /// <summary>The hash of the text in an envelope; of the whole payload when it is none of ours.</summary>
    public static string HashOf(JsonElement envelope)
    {
        JsonElement payload = envelope.GetProperty("event").GetProperty("payload");
        return Hash(payload.TryGetProperty("text", out JsonElement text) ? text.GetString() : payload.GetRawText());
    }
}
