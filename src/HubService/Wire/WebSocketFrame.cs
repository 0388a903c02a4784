using System.Buffers.Binary;

namespace HubService.Wire;

/// <summary>The heads of WebSocket frames as a server writes them: whole messages, never masked (RFC 6455, 5.2).</summary>
internal static class WebSocketFrame
{
    public const int MaxHead = 10;

    private const byte Final = 0x80;
    private const byte Text = 1;
    private const byte Binary = 2;
    private const byte Close = 8;

    /// <summary>Is the frame, from either side, the goodbye, after which nothing may follow (RFC 6455, 5.5.1)?</summary>
    public static bool IsClose(ReadOnlySpan<byte> frame) => (frame[0] & 0xf) == Close;

    public static int HeadLength(int payload) => payload < 126 ? 2 : payload <= ushort.MaxValue ? 4 : MaxHead;

    /// <summary>Writes the head into exactly <see cref="HeadLength"/> bytes.</summary>
    public static void WriteHead(Span<byte> head, bool binary, int payload)
    {
        head[0] = (byte)(Final | (binary ? Binary : Text));
        switch (head.Length)
        {
            case 2:
                head[1] = (byte)payload;
                break;
            case 4:
                head[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)payload);
                break;
            default:
                head[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(head[2..], (ulong)payload);
                break;
        }
    }
}
