using System.Buffers.Binary;
using System.Text;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Builds the frames that a client sends, whole.</summary>
internal static class Frames
{
    private const byte Text = 0x81;
    private const byte PongKind = 0x8a;
    private const byte Masked = 0x80;
    private const int MaskLength = 4;

    /// <summary>SignalR's ping.</summary>
    public static readonly byte[] Ping = Of("""{"type":6}""");

    /// <summary>One message of SignalR's JSON protocol, with its record separator.</summary>
    public static byte[] Of(string message) => Build(Text, Encoding.UTF8.GetBytes(message + "\u001e"));

    public static byte[] Pong(ReadOnlySpan<byte> content) => Build(PongKind, content);

    /// <summary>A mask of zeros is a mask: the content stays readable, and can be changed in place.</summary>
    private static byte[] Build(byte kind, ReadOnlySpan<byte> content)
    {
        int lengthBytes = content.Length switch { < 126 => 0, <= ushort.MaxValue => 2, _ => 8 };
        byte[] frame = new byte[2 + lengthBytes + MaskLength + content.Length];
        frame[0] = kind;
        switch (lengthBytes)
        {
            case 0:
                frame[1] = (byte)(Masked | content.Length);
                break;
            case 2:
                frame[1] = Masked | 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)content.Length);
                break;
            default:
                frame[1] = Masked | 127;
                BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), content.Length);
                break;
        }

        content.CopyTo(frame.AsSpan(2 + lengthBytes + MaskLength));
        return frame;
    }
}
