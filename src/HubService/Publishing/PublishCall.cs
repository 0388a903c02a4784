using System.Text.Json;
using HubService.Contracts;

namespace HubService.Publishing;

/// <summary>A call of Publish as it stands in SignalR's JSON protocol, read without SignalR.</summary>
/// <param name="InvocationId">Null when nobody waits for the answer.</param>
/// <param name="StreamId">Of the thread or project.</param>
internal sealed record PublishCall(string? InvocationId, string StreamId, JsonElement Events)
{
    private const byte Separator = 0x1e;

    /// <summary>As the hub protocol reads arguments.</summary>
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ContractJson.Carrier.MaxDepth, AllowDuplicateProperties = ContractJson.Carrier.AllowDuplicateProperties };

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
            var json = new Utf8JsonReader(message[..^1]);
            PublishCall? call = Read(ref json, message);
            return call is not null && !json.Read() ? call : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or text that is no UTF-16.
            return null;
        }
    }

    private static PublishCall? Read(ref Utf8JsonReader json, ReadOnlySpan<byte> message)
    {
        bool isInvocation = false, isPublish = false;
        string? id = null, stream = null;
        Range events = default;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            // Each once; anything else is not for here.
            if (!isInvocation && json.ValueTextEquals("type"u8))
            {
                isInvocation = json.Read() && json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int type) && type == 1;
            }
            else if (!isPublish && json.ValueTextEquals("target"u8))
            {
                isPublish = json.Read() && json.TokenType == JsonTokenType.String && json.ValueTextEquals(Target);
            }
            else if (id is null && json.ValueTextEquals("invocationId"u8) && json.Read() && json.TokenType == JsonTokenType.String)
            {
                id = json.GetString();
            }
            else if (stream is null && json.ValueTextEquals("arguments"u8))
            {
                stream = ReadArguments(ref json, out events);
            }
            else
            {
                return null;
            }
        }

        return isInvocation && isPublish && id is not "" && stream is not null ? new PublishCall(id, stream, JsonElement.Parse(message[events], Strict)) : null;
    }

    /// <summary>The stream; null when these are not a text and an event or an array of them.</summary>
    private static string? ReadArguments(ref Utf8JsonReader json, out Range events)
    {
        events = default;
        if (!json.Read() || json.TokenType != JsonTokenType.StartArray || !json.Read() || json.TokenType != JsonTokenType.String)
        {
            return null;
        }

        string stream = json.GetString()!;
        if (!json.Read() || json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return null;
        }

        int start = (int)json.TokenStartIndex;
        json.Skip();
        events = start..(int)json.BytesConsumed;
        return json.Read() && json.TokenType == JsonTokenType.EndArray ? stream : null;
    }
}
