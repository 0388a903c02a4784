using System.Buffers.Binary;
using System.Text;
using HubService.Streams;

namespace HubService.Redis;

/// <summary>
/// An event as it lies in the log: time (8 bytes), a number of the node that appended it (4 bytes), length and UTF-8 of its id and
/// of its type (2 bytes each), body. The number keeps two nodes that append the same event from taking the other's for their own. The same bytes travel in what is published: a line <c>epoch top count name-length</c>, the stream's name, then each entry behind its length (4 bytes).
/// </summary>
internal static class EntryCodec
{
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
            string.Intern(Encoding.UTF8.GetString(bytes.Slice(typeAt + sizeof(ushort), type))),
            BinaryPrimitives.ReadInt64BigEndian(bytes),
            entry[(Fixed + id + type)..]);
    }

    /// <summary>Null when the frame is of another stream, which only a collision of hashes could bring about.</summary>
    public static LogBatch? ReadFrame(StreamKey stream, byte[] frame)
    {
        int line = frame.AsSpan().IndexOf((byte)'\n');
        string[] header = Encoding.ASCII.GetString(frame, 0, line).Split(' ');
        long top = long.Parse(header[1], System.Globalization.CultureInfo.InvariantCulture);
        int count = int.Parse(header[2], System.Globalization.CultureInfo.InvariantCulture);
        int name = int.Parse(header[3], System.Globalization.CultureInfo.InvariantCulture);
        if (Encoding.UTF8.GetString(frame, line + 1, name) != stream.Group)
        {
            return null;
        }

        ReadOnlyMemory<byte> rest = frame.AsMemory(line + 1 + name);
        var entries = new LogEntry[count];
        for (int i = 0; i < count; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(rest.Span);
            entries[i] = Read(top - count + 1 + i, rest.Slice(sizeof(int), length));
            rest = rest[(sizeof(int) + length)..];
        }

        return new LogBatch(stream, new LogHead(header[0], top), entries);
    }
}
