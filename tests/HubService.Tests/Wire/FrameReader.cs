using System.Buffers.Binary;

namespace HubService.Tests.Wire;

/// <summary>Reads a server's WebSocket frames out of the bytes of a connection, and refuses what RFC 6455 does.</summary>
internal sealed class FrameReader
{
    private readonly MemoryStream _rest = new();

    /// <summary>Opcode and payload of every whole frame, in order.</summary>
    public List<(int Opcode, byte[] Payload)> Frames { get; } = [];

    public IEnumerable<byte> Payload => Frames.SelectMany(f => f.Payload);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _rest.Write(bytes);
        ReadOnlySpan<byte> all = _rest.ToArray();
        while (TryRead(ref all))
        {
        }

        byte[] kept = all.ToArray();
        _rest.SetLength(0);
        _rest.Write(kept);
    }

    private bool TryRead(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
        {
            return false;
        }

        Assert.Equal(0x80, bytes[0] & 0xf0);
        Assert.Equal(0, bytes[1] & 0x80);
        int head = bytes[1] switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < head)
        {
            return false;
        }

        long length = head switch { 2 => bytes[1], 4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), _ => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]) };
        Assert.True(head switch { 2 => true, 4 => length >= 126, _ => length > ushort.MaxValue }, "The shortest head is the only valid one.");
        if (bytes.Length < head + length)
        {
            return false;
        }

        Frames.Add((bytes[0] & 0xf, bytes.Slice(head, (int)length).ToArray()));
        bytes = bytes[(head + (int)length)..];
        return true;
    }
}
