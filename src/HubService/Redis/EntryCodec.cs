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
        byte[] entry = new byte[Size(e.EventId, e.Type, e.Body.Length)];
        Write(entry, e.Ts, node, e.EventId, e.Type, e.Body.Span);
        return entry;
    }

    /// <param name="to">As long as <see cref="Size(in LogEntry)"/> says.</param>
    public static void Write(in LogEntry e, Span<byte> to) => Write(to, e.Ts, 0, e.EventId, e.Type, e.Body.Span);

    public static int Size(in LogEntry e) => Size(e.EventId, e.Type, e.Body.Length);

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

    private static int Size(string id, string type, int body) => Fixed + Encoding.UTF8.GetByteCount(id) + Encoding.UTF8.GetByteCount(type) + body;

    private static void Write(Span<byte> to, long ts, uint node, string id, string type, ReadOnlySpan<byte> body)
    {
        BinaryPrimitives.WriteInt64BigEndian(to, ts);
        BinaryPrimitives.WriteUInt32BigEndian(to[sizeof(long)..], node);
        body.CopyTo(Text(Text(to[IdAt..], id), type));

        static Span<byte> Text(Span<byte> to, string text)
        {
            int length = Encoding.UTF8.GetBytes(text, to[sizeof(ushort)..]);
            BinaryPrimitives.WriteUInt16BigEndian(to, checked((ushort)length));
            return to[(sizeof(ushort) + length)..];
        }
    }
}
