using System.Buffers;
using System.Text.Json;

namespace HubService.MessagePack;

/// <summary>Turns what was made ready for connections of SignalR's JSON protocol into the same for those of its MessagePack protocol.</summary>
internal static class MessagePackInvocations
{
    private const byte RecordSeparator = 0x1e;

    /// <param name="records">Whole records, each an invocation without an id, its target before its arguments.</param>
    public static ReadOnlyMemory<byte> FromJson(ReadOnlySpan<byte> records)
    {
        var frames = new ArrayBufferWriter<byte>(records.Length);
        while (!records.IsEmpty)
        {
            int end = records.IndexOf(RecordSeparator);
            using var writer = new MessagePackWriter();
            Write(records[..end], writer);
            MessagePackFrame.Write(writer.Written, frames);
            records = records[(end + 1)..];
        }

        return frames.WrittenMemory;
    }

    private static void Write(ReadOnlySpan<byte> record, MessagePackWriter writer)
    {
        var json = new Utf8JsonReader(record, JsonToMessagePack.ReaderOptions);
        json.Read();
        writer.ArrayHeader(6);
        writer.Integer(MessageTypes.Invocation);
        writer.MapHeader(0);
        writer.Nil();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool carried = !json.ValueTextEquals("type"u8);
            json.Read();
            if (carried)
            {
                JsonToMessagePack.Write(ref json, writer);
            }
        }

        writer.ArrayHeader(0);
    }
}
