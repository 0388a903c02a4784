using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Schema;

namespace HubService.Validation;

/// <summary>What a publisher sent, read and checked against its type.</summary>
internal readonly record struct ValidEvent(
    string Type,
    string? EventId,
    string? RunId,
    string? AgentName,
    JsonElement Payload,
    JsonElement? Metadata,
    string? DeprecatedName,
    string? ThreadId);

/// <summary>
/// Checks one event against the catalog. The envelope is read strictly: a misnamed field is refused by name. The payload is
/// read tolerantly: its known fields must be right, others are passed on.
/// </summary>
internal sealed class EventValidator(int maxEventBytes, int maxDepth, AdditionalEvents additional)
{
    /// <summary>What only the hub may say: it follows from something that happened here.</summary>
    private static readonly FrozenSet<string> HubOnly = FrozenSet.Create(StringComparer.Ordinal, "thread_created", "thread_updated", "thread_deleted", "user_message", "input_provided", "HELLO");

    /// <summary>The names that are read, in both forms, so that reading one makes no text.</summary>
    private static readonly (byte[] Utf8, string Text)[] Names =
        [.. new[] { "name", "type", "payload", "event_id", "run_id", "agent_name", "metadata", "v" }.Select(static n => (Encoding.UTF8.GetBytes(n), n))];

    private static readonly JsonElement NoPayload = JsonElement.Parse("{}"u8);

    /// <summary>Null when the event is valid.</summary>
    public HubError? Check(string streamKind, string streamId, JsonElement e, out ValidEvent valid)
    {
        valid = default;
        if (e.ValueKind != JsonValueKind.Object)
        {
            return HubError.Invalid("event", "an object is expected.");
        }

        int bytes = JsonMarshal.GetRawUtf8Value(e).Length;
        if (bytes > maxEventBytes)
        {
            return new HubError(ErrorCodes.PayloadTooLarge, $"The event has {bytes} bytes; {maxEventBytes} are allowed. Send large content by URL.")
                .With("limit", maxEventBytes);
        }

        return streamKind == StreamKind.Project ? CheckProjectEvent(streamId, e, out valid) : CheckAgentEvent(streamKind, streamId, e, out valid);
    }

    private HubError? CheckAgentEvent(string streamKind, string streamId, JsonElement e, out ValidEvent valid)
    {
        valid = default;
        string? type = null, eventId = null, runId = null, agentName = null, threadId = null;
        JsonElement payload = NoPayload;
        JsonElement? metadata = null;
        foreach (JsonProperty p in e.EnumerateObject())
        {
            HubError? error = NameOf(p) switch
            {
                "type" => Text(p, 64, out type),
                "payload" => Object(p, out payload),
                "event_id" => Text(p, Ids.MaxLength, out eventId),
                "run_id" => Text(p, Ids.MaxLength, out runId),
                "agent_name" => Text(p, 256, out agentName),
                "metadata" => Metadata(p, out metadata),
                "v" => Version(p),
                "thread_id" => streamKind == StreamKind.User ? Text(p, Ids.MaxLength, out threadId) : Same(p, streamId),
                "seq" or "epoch" or "timestamp" or "user_id" => HubError.Invalid(p.Name, "is set by the hub."),
                "data" => HubError.Invalid("data", "the field is called payload."),
                _ => HubError.Invalid(p.Name, "is not a field of the envelope."),
            };
            if (error is not null)
            {
                return error;
            }
        }

        if (runId is not null && !(runId.StartsWith(RunId.Prefix, StringComparison.Ordinal) && Ids.IsValid(runId)))
        {
            return HubError.Invalid("run_id", "starts with run_ and holds letters, digits, dots, underscores and hyphens.");
        }

        if (threadId is not null && !Ids.IsValid(threadId))
        {
            return HubError.InvalidId("thread_id");
        }

        valid = new ValidEvent(type ?? "", eventId, runId, agentName, payload, metadata, null, threadId);
        return Complete(ContractCatalog.Agents, "type", ref valid);
    }

    private HubError? CheckProjectEvent(string streamId, JsonElement e, out ValidEvent valid)
    {
        valid = default;
        string? name = null, eventId = null;
        JsonElement payload = NoPayload;
        foreach (JsonProperty p in e.EnumerateObject())
        {
            HubError? error = NameOf(p) switch
            {
                "name" => Text(p, 64, out name),
                "payload" => Object(p, out payload),
                "event_id" => Text(p, Ids.MaxLength, out eventId),
                "v" => Version(p),
                "project_id" => Same(p, streamId),
                "seq" or "epoch" or "ts" or "stage" => HubError.Invalid(p.Name, "is set by the hub."),
                "type" => HubError.Invalid("type", "an event of a project has a name and a payload."),
                "data" => HubError.Invalid("data", "the field is called payload."),
                _ => HubError.Invalid(p.Name, "is not a field of the event."),
            };
            if (error is not null)
            {
                return error;
            }
        }

        valid = new ValidEvent(name ?? "", eventId, null, null, payload, null, null, null);
        return Complete(ContractCatalog.Projects, "name", ref valid);
    }

    /// <summary>Checks what the envelope says against the type it names, and puts the current name in place of a deprecated one.</summary>
    private HubError? Complete(EventCatalog catalog, string typeField, ref ValidEvent e)
    {
        string type = e.Type;
        if (type.Length == 0)
        {
            return HubError.Invalid(typeField, "is missing.");
        }

        if (e.EventId is not null && !Ids.IsValid(e.EventId))
        {
            return HubError.InvalidId("event_id");
        }

        if (catalog == ContractCatalog.Projects && additional.Events.ContainsKey(type))
        {
            return additional.Check(type, e.Payload);
        }

        if (!catalog.TryGet(type, out EventDefinition? definition))
        {
            if (!DeprecatedNames.Accepted.TryGetValue(type, out string? current) || !catalog.TryGet(current, out definition))
            {
                HubError unknown = new HubError(ErrorCodes.UnknownType, $"{typeField}: '{Shorten(type)}' is not an event of this contract.").With("field", typeField);
                return DeprecatedNames.Refused.TryGetValue(type, out string? hint) ? unknown with { Message = $"{unknown.Message} Instead, {hint}." } : unknown;
            }

            e = e with { DeprecatedName = type };
        }

        e = e with { Type = definition.Type };

        if (HubOnly.Contains(definition.Type))
        {
            return new HubError(ErrorCodes.Forbidden, $"{typeField}: '{definition.Type}' is written by the hub alone.").With("field", typeField);
        }

        return definition.TryRead(e.Payload, out _, out HubError? error) ? null : error;
    }

    private static string NameOf(JsonProperty p)
    {
        foreach ((byte[] utf8, string text) in Names)
        {
            if (p.NameEquals(utf8))
            {
                return text;
            }
        }

        return p.Name;
    }

    private static HubError? Text(JsonProperty p, int maxLength, out string? value)
    {
        value = null;
        if (p.Value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (p.Value.ValueKind != JsonValueKind.String)
        {
            return HubError.Invalid(p.Name, "a string is expected.");
        }

        try
        {
            value = p.Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return HubError.Invalid(p.Name, "is not valid UTF-16 text.");
        }

        return value.Length > 0 && !Texts.IsLonger(value, maxLength) ? null : HubError.Invalid(p.Name, $"1 to {maxLength} characters are expected.");
    }

    private HubError? Object(JsonProperty p, out JsonElement value)
    {
        value = p.Value;
        return value.ValueKind != JsonValueKind.Object ? HubError.Invalid(p.Name, "an object is expected.") : CheckDepth(p);
    }

    private HubError? Metadata(JsonProperty p, out JsonElement? value)
    {
        value = p.Value.ValueKind == JsonValueKind.Null ? null : p.Value;
        return value is null ? null : Object(p, out _);
    }

    private HubError? CheckDepth(JsonProperty p) =>
        MayBeDeeper(p.Value) && Depth(p.Value) > maxDepth ? new HubError(ErrorCodes.NestingTooDeep, $"{p.Name}: more than {maxDepth} levels.").With("field", p.Name) : null;

    private static HubError? Version(JsonProperty p) =>
        p.Value.ValueKind == JsonValueKind.Number && p.Value.TryGetInt32(out int v) && v == 1 ? null : HubError.Invalid("v", "1 is expected.");

    private static HubError? Same(JsonProperty p, string streamId) =>
        p.Value.ValueKind == JsonValueKind.String && p.Value.ValueEquals(streamId) ? null : HubError.Invalid(p.Name, "is not the stream that is published to.");

    /// <summary>What has no more brackets than levels need not be walked.</summary>
    private bool MayBeDeeper(JsonElement e)
    {
        ReadOnlySpan<byte> json = JsonMarshal.GetRawUtf8Value(e);
        return json.Count((byte)'{') + json.Count((byte)'[') > maxDepth;
    }

    internal static int Depth(JsonElement e)
    {
        int depth = 0, deepest = 0;
        bool inText = false;
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(e);
        for (int i = 0; i < raw.Length; i++)
        {
            byte b = raw[i];
            if (inText)
            {
                i += b == '\\' ? 1 : 0;
                inText = b != '"';
            }
            else if (b == '"')
            {
                inText = true;
            }
            else if (b is (byte)'{' or (byte)'[')
            {
                deepest = Math.Max(deepest, ++depth);
            }
            else if (b is (byte)'}' or (byte)']')
            {
                depth--;
            }
        }

        return deepest;
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64];
}
