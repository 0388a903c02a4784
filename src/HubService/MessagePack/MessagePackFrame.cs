using System.Buffers;

namespace HubService.MessagePack;

/// <summary>How a MessagePack message stands on the wire: behind its length, seven bits a byte, the low ones first.</summary>
internal static class MessagePackFrame
{
    /// <summary>A length has at most 31 bits.</summary>
    private const int MaxPrefix = 5;

    /// <summary>Cuts the first message off. False when not all of it is there yet.</summary>
    /// <exception cref="InvalidDataException">The length is zero, above the limit or no length.</exception>
    public static bool TryTake(ref ReadOnlySequence<byte> input, int maxBytes, out ReadOnlySequence<byte> message)
    {
        message = default;
        Span<byte> prefix = stackalloc byte[(int)Math.Min(MaxPrefix, input.Length)];
        input.Slice(0, prefix.Length).CopyTo(prefix);
        ulong length = 0;
        int used = 0;
        do
        {
            if (used == prefix.Length)
            {
                return used < MaxPrefix ? false : throw new InvalidDataException("The length of a message has more than five bytes.");
            }

            length |= (prefix[used] & 0x7ful) << (7 * used);
        }
        while ((prefix[used++] & 0x80) != 0);

        if (length == 0 || length > (ulong)maxBytes)
        {
            throw new InvalidDataException($"A message has 1 to {maxBytes} bytes.");
        }

        if (input.Length - used < (long)length)
        {
            return false;
        }

        message = input.Slice(used, (long)length);
        input = input.Slice(message.End);
        return true;
    }

    public static void Write(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        Span<byte> prefix = stackalloc byte[MaxPrefix];
        int used = 0;
        for (uint rest = (uint)message.Length; ; rest >>= 7)
        {
            prefix[used++] = (byte)(rest > 0x7f ? rest | 0x80 : rest);
            if (rest <= 0x7f)
            {
                break;
            }
        }

        output.Write(prefix[..used]);
        output.Write(message);
    }
}
