using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using HubService.Contracts;

namespace HubService.MessagePack;

/// <summary>
/// Writes a MessagePack value as the JSON that the contract reads. What JSON does not have is refused, and what is nested too
/// deeply; a timestamp becomes a time as the contract writes it.
/// </summary>
internal static class MessagePackToJson
{
    /// <summary>As deep as a JSON frame may be.</summary>
    private static readonly int MaxDepth = ContractJson.Carrier.MaxDepth;

    /// <summary>Writes the reader's next value.</summary>
    /// <param name="maxBytes">As long as the JSON may be: it may be a few times longer than the value.</param>
    /// <exception cref="RefusedItemException">The value has something that JSON does not have.</exception>
    /// <exception cref="InvalidDataException">It is no MessagePack.</exception>
    public static void Write(ref MessagePackReader reader, Utf8JsonWriter json, int maxBytes)
    {
        // Of every open container: the items left, names and values of a map being two; and whether it is a map.
        Span<int> left = stackalloc int[MaxDepth];
        Span<bool> isMap = stackalloc bool[MaxDepth];
        int depth = 0;
        do
        {
            bool isName = depth > 0 && isMap[depth - 1] && left[depth - 1] % 2 == 0;
            if (depth > 0)
            {
                left[depth - 1]--;
            }

            reader.Read();
            if (isName)
            {
                json.WritePropertyName(NameOf(reader));
            }
            else if (reader.Kind is MessagePackKind.Array or MessagePackKind.Map)
            {
                if (depth == MaxDepth)
                {
                    throw new RefusedItemException(new HubError(ErrorCodes.NestingTooDeep, "The message is nested too deeply."));
                }

                isMap[depth] = reader.Kind == MessagePackKind.Map;
                left[depth] = isMap[depth] ? 2 * reader.Count : reader.Count;
                Open(json, isMap[depth++]);
            }
            else
            {
                Scalar(reader, json);
            }

            if (json.BytesCommitted + json.BytesPending > maxBytes)
            {
                throw new RefusedItemException(new HubError(ErrorCodes.PayloadTooLarge, $"At most {maxBytes} bytes are allowed, as JSON.").With("limit", maxBytes));
            }

            while (depth > 0 && left[depth - 1] == 0)
            {
                Close(json, isMap[--depth]);
            }
        }
        while (depth > 0);
    }

    private static void Open(Utf8JsonWriter json, bool isMap)
    {
        if (isMap)
        {
            json.WriteStartObject();
        }
        else
        {
            json.WriteStartArray();
        }
    }

    private static void Close(Utf8JsonWriter json, bool isMap)
    {
        if (isMap)
        {
            json.WriteEndObject();
        }
        else
        {
            json.WriteEndArray();
        }
    }

    private static void Scalar(MessagePackReader reader, Utf8JsonWriter json)
    {
        switch (reader.Kind)
        {
            case MessagePackKind.Nil: json.WriteNullValue(); break;
            case MessagePackKind.False or MessagePackKind.True: json.WriteBooleanValue(reader.Kind == MessagePackKind.True); break;
            case MessagePackKind.Integer: json.WriteNumberValue(reader.Integer); break;
            case MessagePackKind.BigInteger: json.WriteNumberValue(unchecked((ulong)reader.Integer)); break;
            case MessagePackKind.Float: json.WriteNumberValue(Finite(reader.Float)); break;
            case MessagePackKind.Text: json.WriteStringValue(Valid(reader.Bytes)); break;
            case MessagePackKind.Extension when reader.ExtensionType == MessagePackTimestamp.Type: json.WriteStringValue(Time(reader.Bytes)); break;
            case MessagePackKind.Binary: throw Refused("binary data is not part of the contract; send text.");
            default: throw Refused("extensions are not part of the contract, except for timestamps.");
        }
    }

    private static ReadOnlySpan<byte> NameOf(MessagePackReader reader) =>
        reader.Kind == MessagePackKind.Text ? Valid(reader.Bytes) : throw Refused("the keys of a map must be texts.");

    private static ReadOnlySpan<byte> Valid(ReadOnlySpan<byte> text) => Utf8.IsValid(text) ? text : throw NoJson("a text is not valid UTF-8.");

    private static double Finite(double value) => double.IsFinite(value) ? value : throw NoJson("a number is not finite.");

    private static string Time(ReadOnlySpan<byte> bytes) => MessagePackTimestamp.TryRead(bytes, out DateTimeOffset time)
        ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
        : throw Refused("a timestamp has a wrong length, or is not between the years 1 and 9999.");

    private static RefusedItemException Refused(string text) => new(HubError.Invalid("arguments", text));

    private static RefusedItemException NoJson(string text) => new(new HubError(ErrorCodes.InvalidJson, $"The message cannot be read as JSON: {text}"));
}
