using System.Runtime.InteropServices;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Projects;
using HubService.Publishing;
using HubService.Streams;

namespace HubService.Projects;

/// <summary>Writes and reads the envelope of project streams, without seq and epoch, which delivery adds.</summary>
internal static class ProjectEnvelope
{
    public static ReadOnlyMemory<byte> Write(EventDraft draft, string projectId, StageRef stage, DateTimeOffset at) =>
        EnvelopeWriter.Write((draft, projectId, stage, at), static (json, e) => Write(json, e.draft, e.projectId, e.stage, e.at));

    private static void Write(Utf8JsonWriter json, EventDraft draft, string projectId, StageRef stage, DateTimeOffset at)
    {
        json.WriteStartObject();
        json.WriteNumber("v"u8, 1);
        json.WriteString("type"u8, "EVENT"u8);
        json.WriteString("project_id"u8, projectId);
        json.WriteNumber("ts"u8, at.ToUnixTimeMilliseconds());
        json.WriteString("event_id"u8, draft.EventId);
        json.WriteStartObject("stage"u8);
        json.WriteString("id"u8, stage.Id);
        json.WriteNumber("index"u8, stage.Index);
        json.WriteString("status"u8, stage.Status);
        json.WriteEndObject();
        json.WriteStartObject("event"u8);
        json.WriteString("name"u8, draft.Type);
        json.WritePropertyName("payload"u8);
        json.WriteRawValue(JsonMarshal.GetRawUtf8Value(draft.Payload), skipInputValidation: true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static PlacedEvent Read(LogEntry entry) => new(
        entry.Type,
        entry.EventId,
        null,
        null,
        null,
        DateTimeOffset.FromUnixTimeMilliseconds(entry.Ts),
        JsonElement.Parse(entry.Body.Span).GetProperty("event"u8).GetProperty("payload"u8));

    /// <summary>An event for a joiner alone: it takes no seq, carries the head's, and its type is HELLO.</summary>
    public static ProjectEvent<JsonElement> Greeting<TPayload>(ProjectId project, LogHead head, StageRef stage, string name, TPayload payload, DateTimeOffset at) => new(
        1,
        "HELLO",
        project,
        head.Seq,
        head.Epoch,
        at.ToUnixTimeMilliseconds(),
        Ids.New("evt_"),
        stage,
        new NamedEvent<JsonElement>(name, JsonSerializer.SerializeToElement(payload, ContractJson.Options.GetTypeInfo(typeof(TPayload)))));
}
