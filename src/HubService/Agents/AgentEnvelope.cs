using System.Runtime.InteropServices;
using System.Text.Json;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>Writes and reads the envelope of thread and user streams, without seq and epoch, which delivery adds.</summary>
internal static class AgentEnvelope
{
    public static ReadOnlyMemory<byte> Write(EventDraft draft, string threadId, DateTimeOffset at) =>
        EnvelopeWriter.Write((draft, threadId, at), static (json, e) => Write(json, e.draft, e.threadId, e.at));

    private static void Write(Utf8JsonWriter json, EventDraft draft, string threadId, DateTimeOffset at)
    {
        json.WriteStartObject();
        json.WriteNumber("v"u8, 1);
        json.WriteString("type"u8, draft.Type);
        json.WriteString("event_id"u8, draft.EventId);
        json.WriteString("thread_id"u8, threadId);
        Optional(json, "run_id"u8, draft.RunId);
        Optional(json, "user_id"u8, draft.UserId);
        Optional(json, "agent_name"u8, draft.AgentName);
        Span<char> time = stackalloc char[24];
        at.UtcDateTime.TryFormat(time, out int length, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        json.WriteString("timestamp"u8, time[..length]);
        json.WritePropertyName("payload"u8);
        json.WriteRawValue(JsonMarshal.GetRawUtf8Value(draft.Payload), skipInputValidation: true);
        if (draft.Metadata is { } metadata)
        {
            json.WritePropertyName("metadata"u8);
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(metadata), skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    public static PlacedEvent Read(LogEntry entry)
    {
        JsonElement e = JsonElement.Parse(entry.Body.Span);
        return new PlacedEvent(
            entry.Type,
            entry.EventId,
            Optional(e, "run_id"u8),
            Optional(e, "user_id"u8),
            Optional(e, "agent_name"u8),
            DateTimeOffset.FromUnixTimeMilliseconds(entry.Ts),
            e.GetProperty("payload"u8));
    }

    private static void Optional(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static string? Optional(JsonElement e, ReadOnlySpan<byte> name) => e.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
