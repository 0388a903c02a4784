using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using HubService.Streams;

namespace HubService.Redis;

/// <summary>
/// Reads what is published on one stream's channel: a line <c>epoch top count name-length</c>, the
/// stream's name, then each entry (<see cref="EntryCodec"/>) behind its length (4 bytes).
/// </summary>
internal sealed class FrameReader(StreamKey stream)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(stream.Group);

    /// <summary>Mostly that of the frame before.</summary>
    private readonly KnownTexts _epoch = new(places: 1);

    /// <summary>Null when the frame is of another stream, which only a collision of hashes could bring about.</summary>
    public LogBatch? Read(byte[] frame)
    {
        int line = frame.AsSpan().IndexOf((byte)'\n');
        ReadOnlySpan<byte> header = frame.AsSpan(0, line);
        string epoch = _epoch.GetOrAdd(Next(ref header));
        long top = Number(Next(ref header));
        int count = (int)Number(Next(ref header));
        int name = (int)Number(Next(ref header));
        ReadOnlyMemory<byte> rest = frame.AsMemory(line + 1);
        if (!rest.Span[..name].SequenceEqual(_name))
        {
            return null;
        }

        rest = rest[name..];
        var entries = new LogEntry[count];
        for (int i = 0; i < count; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(rest.Span);
            entries[i] = EntryCodec.Read(top - count + 1 + i, rest.Slice(sizeof(int), length));
            rest = rest[(sizeof(int) + length)..];
        }

        return new LogBatch(stream, new LogHead(epoch, top), entries);
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> header)
    {
        int space = header.IndexOf((byte)' ');
        ReadOnlySpan<byte> part = space < 0 ? header : header[..space];
        header = header[(space < 0 ? header.Length : space + 1)..];
        return part;
    }

    private static long Number(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out long number, out int read) && read == digits.Length ? number : throw new FormatException("A frame begins with a line that is none of this service's.");
}
