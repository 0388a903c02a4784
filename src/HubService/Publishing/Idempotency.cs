using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubService.Contracts;

namespace HubService.Publishing;

/// <summary>Tells a publisher's retry from another event under the same event_id.</summary>
internal static class Idempotency
{
    /// <summary>The field that a refusal names.</summary>
    public const string EventIdField = "event_id";

    /// <summary>Null when the draft is the kept event once more.</summary>
    public static HubError? Check(EventDraft draft, in PlacedEvent kept) =>
        draft.Type == kept.Type && draft.RunId == kept.RunId && (kept.UserId is null || draft.UserId == kept.UserId) && SamePayload(draft.Type, draft.Payload, kept.Payload)
            ? null
            : HubError.Invalid(EventIdField, "was used before, for another event.");

    /// <inheritdoc cref="Check(EventDraft, in PlacedEvent)"/>
    public static HubError? Check(EventDraft draft, EventDraft earlier) =>
        Check(draft, new PlacedEvent(earlier.Type, earlier.EventId, earlier.RunId, earlier.UserId, earlier.AgentName, default, earlier.Payload));

    private static bool SamePayload(string type, JsonElement one, JsonElement other)
    {
        if (JsonMarshal.GetRawUtf8Value(one).SequenceEqual(JsonMarshal.GetRawUtf8Value(other)))
        {
            return true;
        }

        try
        {
            return type == "user_message"
                ? JsonNode.DeepEquals(WithoutRun(one), WithoutRun(other))
                : JsonElement.DeepEquals(one, other);
        }
        catch (InvalidOperationException)
        {
            // Text that is no UTF-16 is the same only where its bytes are.
            return false;
        }
    }

    /// <summary>The run that is asked to answer a message is another one at each try.</summary>
    private static JsonObject WithoutRun(JsonElement message)
    {
        JsonObject content = JsonObject.Create(message.Clone())!;
        content.Remove("run_id");
        return content;
    }
}
