using System.Buffers.Binary;
using System.Text;
using HubService.Streams;

namespace HubService.Redis;

/// <summary>
/// An event as it lies in the log: time (8 bytes), a number of the node that appended it (4 bytes), length and UTF-8 of its id and
/// of its type (2 bytes each), body. The number keeps two nodes that append the same event from taking the other's for their own.
/// </summary>
internal static class EntryCodec
{
    /// <summary>Kept from one event to the next: there are few.</summary>
    private static readonly KnownTexts Types = new(places: 256);

    private const int IdAt = sizeof(long) + sizeof(uint);
    private const int Fixed = IdAt + (2 * sizeof(ushort));

    public static byte[] Write(in NewLogEvent e, uint node)
    {
        int id = Encoding.UTF8.GetByteCount(e.EventId), type = Encoding.UTF8.GetByteCount(e.Type);
        byte[] entry = new byte[Fixed + id + type + e.Body.Length];
        Span<byte> rest = entry;
        BinaryPrimitives.WriteInt64BigEndian(rest, e.Ts);
        BinaryPrimitives.WriteUInt32BigEndian(rest[sizeof(long)..], node);
        rest = Text(rest[IdAt..], e.EventId, id);
        rest = Text(rest, e.Type, type);
        e.Body.Span.CopyTo(rest);
        return entry;

        static Span<byte> Text(Span<byte> to, string text, int length)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to, checked((ushort)length));
            Encoding.UTF8.GetBytes(text, to[sizeof(ushort)..]);
            return to[(sizeof(ushort) + length)..];
        }
    }

    public static LogEntry Read(long seq, ReadOnlyMemory<byte> entry)
    {
        ReadOnlySpan<byte> bytes = entry.Span;
        int id = BinaryPrimitives.ReadUInt16BigEndian(bytes[IdAt..]);
        int typeAt = IdAt + sizeof(ushort) + id;
        int type = BinaryPrimitives.ReadUInt16BigEndian(bytes[typeAt..]);
        return new LogEntry(
            seq,
            Encoding.UTF8.GetString(bytes.Slice(IdAt + sizeof(ushort), id)),
            Types.GetOrAdd(bytes.Slice(typeAt + sizeof(ushort), type)),
            BinaryPrimitives.ReadInt64BigEndian(bytes),
            entry[(Fixed + id + type)..]);
    }
}
