using System.Buffers;
using System.Text.Json;

namespace HubService.MessagePack;

/// <summary>Writes a JSON value as MessagePack: objects as maps with the same names, whole numbers as integers, other numbers as 64-bit floats.</summary>
internal static class JsonToMessagePack
{
    /// <summary>Far above what the contract allows; no event may stop a broadcast.</summary>
    public const int MaxDepth = 256;

    /// <summary>How to read JSON to be written here.</summary>
    public static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = MaxDepth };

    /// <summary>Writes one whole JSON text.</summary>
    public static void Write(ReadOnlySpan<byte> json, MessagePackWriter writer)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        Write(ref reader, writer);
    }

    /// <summary>Writes the value whose first token the reader stands at; it ends at its last. The reader must read from a span.</summary>
    public static void Write(ref Utf8JsonReader json, MessagePackWriter writer)
    {
        // Of every open container: where it began, and what it holds so far.
        Span<int> starts = stackalloc int[MaxDepth];
        Span<int> counts = stackalloc int[MaxDepth];
        int depth = 0;
        while (true)
        {
            switch (json.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    starts[depth] = writer.Begin();
                    counts[depth++] = 0;
                    break;
                case JsonTokenType.EndObject:
                    depth--;
                    writer.EndMap(starts[depth], counts[depth]);
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    writer.EndArray(starts[depth], counts[depth]);
                    break;
                default:
                    Scalar(ref json, writer);
                    break;
            }

            // A name is counted with its value.
            if (json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.PropertyName))
            {
                if (depth == 0)
                {
                    return;
                }

                counts[depth - 1]++;
            }

            json.Read();
        }
    }

    private static void Scalar(ref Utf8JsonReader json, MessagePackWriter writer)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.Null: writer.Nil(); break;
            case JsonTokenType.True or JsonTokenType.False: writer.Boolean(json.TokenType == JsonTokenType.True); break;
            case JsonTokenType.Number: Number(ref json, writer); break;
            default: Text(ref json, writer); break;
        }
    }

    private static void Number(ref Utf8JsonReader json, MessagePackWriter writer)
    {
        // An integer has no negative zero.
        if (json.TryGetInt64(out long number) && !(number == 0 && json.ValueSpan[0] == '-'))
        {
            writer.Integer(number);
        }
        else if (json.ValueSpan[0] != '-' && json.TryGetUInt64(out ulong big))
        {
            writer.Unsigned(big);
        }
        else
        {
            writer.Float(json.GetDouble());
        }
    }

    private static void Text(ref Utf8JsonReader json, MessagePackWriter writer)
    {
        if (!json.ValueIsEscaped)
        {
            writer.Text(json.ValueSpan);
            return;
        }

        byte[] text = ArrayPool<byte>.Shared.Rent(json.ValueSpan.Length);
        writer.Text(text.AsSpan(0, JsonText.Unescape(json.ValueSpan, text)));
        ArrayPool<byte>.Shared.Return(text);
    }
}
