using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace HubService.Wire;

/// <summary>The head of a WebSocket frame from a client, and how its bytes are unmasked (RFC 6455, 5.2 and 5.3).</summary>
internal readonly record struct ClientFrame(ClientFrame.Kinds Kind, bool IsFinal, int HeadLength, long Length, uint Mask)
{
    private const int MaxHead = 14;
    private const int MaxControl = 125;

    public enum Kinds
    {
        /// <summary>Breaks a rule that every frame keeps.</summary>
        Invalid,
        Continuation,
        Text,
        Binary,

        /// <summary>A goodbye, a ping or a pong.</summary>
        Control,
    }

    /// <summary>A frame that every WebSocket refuses by closing with 1002, for one that broke a rule.</summary>
    public static ReadOnlySpan<byte> Refused => [0x83, 0x80, 0, 0, 0, 0];

    /// <summary>A text that every WebSocket refuses by closing with 1007, for one that was no UTF-8.</summary>
    public static ReadOnlySpan<byte> RefusedText => [0x81, 0x81, 0, 0, 0, 0, 0xff];

    /// <summary>False when there are too few bytes to tell.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> bytes, out ClientFrame frame)
    {
        frame = default;
        int count = (int)Math.Min(MaxHead, bytes.Length);
        ReadOnlySpan<byte> head = bytes.FirstSpan;
        if (head.Length < count)
        {
            head = bytes.Slice(0, count).ToArray();
        }

        if (head.Length < 2)
        {
            return false;
        }

        bool isFinal = (head[0] & 0x80) != 0;
        int shortLength = head[1] & 0x7f;
        int lengthBytes = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
        int headLength = 2 + lengthBytes + sizeof(uint);
        Kinds kind = (head[0] & 0x7f) switch { 0 => Kinds.Continuation, 1 => Kinds.Text, 2 => Kinds.Binary, 8 or 9 or 10 when isFinal && shortLength <= MaxControl => Kinds.Control, _ => Kinds.Invalid };
        if (kind == Kinds.Invalid || (head[1] & 0x80) == 0)
        {
            frame = new ClientFrame(Kinds.Invalid, isFinal, 2, 0, 0);
            return true;
        }

        if (head.Length < headLength)
        {
            return false;
        }

        long length = lengthBytes switch { 2 => BinaryPrimitives.ReadUInt16BigEndian(head[2..]), 8 => BinaryPrimitives.ReadInt64BigEndian(head[2..]), _ => shortLength };
        frame = new ClientFrame(length < 0 ? Kinds.Invalid : kind, isFinal, headLength, length, MemoryMarshal.Read<uint>(head[(2 + lengthBytes)..]));
        return true;
    }

    /// <summary>Unmasks bytes of the frame in place.</summary>
    /// <param name="mask">The four bytes of the mask, as they lie in memory, turned so that the first belongs to the first of <paramref name="bytes"/>.</param>
    /// <returns>The mask for what comes after them.</returns>
    public static uint Unmask(Span<byte> bytes, uint mask)
    {
        int done = 0;
        if (bytes.Length >= Vector<byte>.Count)
        {
            var wide = Vector.AsVectorByte(new Vector<uint>(mask));
            for (; done <= bytes.Length - Vector<byte>.Count; done += Vector<byte>.Count)
            {
                Span<byte> part = bytes[done..];
                (new Vector<byte>(part) ^ wide).CopyTo(part);
            }
        }

        for (; done <= bytes.Length - sizeof(uint); done += sizeof(uint))
        {
            Span<byte> part = bytes[done..];
            uint masked = MemoryMarshal.Read<uint>(part) ^ mask;
            MemoryMarshal.Write(part, in masked);
        }

        for (; done < bytes.Length; done++)
        {
            bytes[done] ^= (byte)mask;
            mask = BitConverter.IsLittleEndian ? BitOperations.RotateRight(mask, 8) : BitOperations.RotateLeft(mask, 8);
        }

        return mask;
    }
}
