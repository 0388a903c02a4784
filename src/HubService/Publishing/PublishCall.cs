using System.Text.Json;
using HubService.Contracts;

namespace HubService.Publishing;

/// <summary>A call of Publish as it stands in SignalR's JSON protocol, read without SignalR.</summary>
/// <param name="InvocationId">Null when nobody waits for the answer.</param>
/// <param name="StreamId">Of the thread or project.</param>
internal sealed record PublishCall(string? InvocationId, string StreamId, JsonElement Events)
{
    private const byte Separator = 0x1e;

    /// <summary>As the hub protocol reads arguments, which lie two levels deep.</summary>
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ContractJson.Carrier.MaxDepth + 2, AllowDuplicateProperties = ContractJson.Carrier.AllowDuplicateProperties };

    private static ReadOnlySpan<byte> Target => "Publish"u8;

    /// <summary>Null for everything else, and for whatever is wrong or unusual in such a call: SignalR's own way knows what to answer.</summary>
    public static PublishCall? Read(ReadOnlySpan<byte> message)
    {
        if (message.IndexOf(Separator) != message.Length - 1 || message.IndexOf(Target) < 0)
        {
            return null;
        }

        try
        {
            return Read(JsonElement.Parse(message[..^1], Strict));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or text that is no UTF-16.
            return null;
        }
    }

    private static PublishCall? Read(JsonElement message)
    {
        bool isInvocation = false, isPublish = false;
        string? id = null, stream = null;
        JsonElement events = default;
        if (message.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (JsonProperty p in message.EnumerateObject())
        {
            if (p.NameEquals("type"u8))
            {
                isInvocation = p.Value.ValueKind == JsonValueKind.Number && p.Value.TryGetInt32(out int type) && type == 1;
            }
            else if (p.NameEquals("target"u8))
            {
                isPublish = p.Value.ValueKind == JsonValueKind.String && p.Value.ValueEquals(Target);
            }
            else if (p.NameEquals("invocationId"u8))
            {
                id = p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString() : "";
            }
            else if (p.NameEquals("arguments"u8))
            {
                stream = ReadArguments(p.Value, out events);
            }
            else
            {
                return null;
            }
        }

        return isInvocation && isPublish && id is not "" && stream is not null ? new PublishCall(id, stream, events) : null;
    }

    /// <summary>The stream; null when these are not a text and an event or an array of them.</summary>
    private static string? ReadArguments(JsonElement arguments, out JsonElement events)
    {
        events = default;
        if (arguments.ValueKind != JsonValueKind.Array || arguments.GetArrayLength() != 2 || arguments[0].ValueKind != JsonValueKind.String)
        {
            return null;
        }

        events = arguments[1];
        return events.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? arguments[0].GetString() : null;
    }
}
