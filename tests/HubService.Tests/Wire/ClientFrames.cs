using System.Buffers;
using System.Buffers.Binary;

namespace HubService.Tests.Wire;

/// <summary>Writes frames as a client does, also such as no client would.</summary>
internal static class ClientFrames
{
    public const byte Final = 0x80;

    /// <summary>A masked frame.</summary>
    /// <param name="first">The first byte: <see cref="Final"/>, reserved bits, kind.</param>
    /// <param name="lengthBytes">0, 2 or 8; null: as few as will do.</param>
    public static byte[] Frame(byte first, ReadOnlySpan<byte> payload, uint mask = 0x9a4e1b77, int? lengthBytes = null)
    {
        int extra = lengthBytes ?? (payload.Length < 126 ? 0 : payload.Length <= ushort.MaxValue ? 2 : 8);
        byte[] frame = new byte[2 + extra + 4 + payload.Length];
        frame[0] = first;
        frame[1] = (byte)(0x80 | extra switch { 2 => 126, 8 => 127, _ => payload.Length });
        switch (extra)
        {
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
                break;
            case 8:
                BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);
                break;
        }

        Span<byte> key = frame.AsSpan(2 + extra, 4);
        BinaryPrimitives.WriteUInt32BigEndian(key, mask);
        for (int i = 0; i < payload.Length; i++)
        {
            frame[2 + extra + 4 + i] = (byte)(payload[i] ^ key[i & 3]);
        }

        return frame;
    }

    public static byte[] Text(string text) => Frame(Final | 1, System.Text.Encoding.UTF8.GetBytes(text));

    public static byte[] Goodbye(ushort code) => Frame(Final | 8, [(byte)(code >> 8), (byte)code]);

    /// <summary>The same bytes in segments that end where <paramref name="cuts"/> say.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, params int[] cuts)
    {
        Segment first = new(bytes[..(cuts.Length > 0 ? cuts[0] : bytes.Length)], 0);
        Segment last = first;
        for (int i = 0; i < cuts.Length; i++)
        {
            last = last.Append(bytes[cuts[i]..(i + 1 < cuts.Length ? cuts[i + 1] : bytes.Length)]);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
