using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace HubService.MessagePack;

/// <summary>
/// Reads MessagePack item by item and allocates nothing: every length and count is compared with the bytes that are there
/// before anything is made of it. What is no MessagePack is an <see cref="InvalidDataException"/>.
/// </summary>
/// <remarks>Format: https://github.com/msgpack/msgpack/blob/master/spec.md</remarks>
internal ref struct MessagePackReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many bytes have been read.</summary>
    public int Position { get; private set; }

    public readonly bool AtEnd => Position == _bytes.Length;

    /// <summary>What the last item is; the properties below hold what that kind has.</summary>
    public MessagePackKind Kind { get; private set; }

    /// <summary>The items of an array, or the pairs of a map, that follow.</summary>
    public int Count { get; private set; }

    /// <summary>An integer; a big one is to be seen as unsigned.</summary>
    public long Integer { get; private set; }

    public double Float { get; private set; }

    /// <summary>The bytes of a text (not known to be valid UTF-8), of binary data or of an extension.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public sbyte ExtensionType { get; private set; }

    /// <summary>Reads one item; what an array or a map holds are further items.</summary>
    public void Read()
    {
        byte code = Take(1)[0];
        switch (code)
        {
            case <= 0x7f: SetInteger(code); break;
            case <= 0x8f: SetCount(MessagePackKind.Map, code & 0x0fu); break;
            case <= 0x9f: SetCount(MessagePackKind.Array, code & 0x0fu); break;
            case <= 0xbf: SetBytes(MessagePackKind.Text, code & 0x1fu); break;
            case 0xc0: Kind = MessagePackKind.Nil; break;
            case 0xc1: throw new InvalidDataException("The byte 0xc1 begins no MessagePack item.");
            case 0xc2: Kind = MessagePackKind.False; break;
            case 0xc3: Kind = MessagePackKind.True; break;
            case <= 0xc6: SetBytes(MessagePackKind.Binary, Unsigned(code - 0xc4)); break;
            case <= 0xc9: SetExtension(Unsigned(code - 0xc7)); break;
            case 0xca: SetFloat(BinaryPrimitives.ReadSingleBigEndian(Take(4))); break;
            case 0xcb: SetFloat(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case <= 0xce: SetInteger(Unsigned(code - 0xcc)); break;
            case 0xcf: SetUnsigned(BinaryPrimitives.ReadUInt64BigEndian(Take(8))); break;
            case 0xd0: SetInteger((sbyte)Take(1)[0]); break;
            case 0xd1: SetInteger(BinaryPrimitives.ReadInt16BigEndian(Take(2))); break;
            case 0xd2: SetInteger(BinaryPrimitives.ReadInt32BigEndian(Take(4))); break;
            case 0xd3: SetInteger(BinaryPrimitives.ReadInt64BigEndian(Take(8))); break;
            case <= 0xd8: SetExtension(1u << (code - 0xd4)); break;
            case <= 0xdb: SetBytes(MessagePackKind.Text, Unsigned(code - 0xd9)); break;
            case <= 0xdd: SetCount(MessagePackKind.Array, Unsigned(code - 0xdc + 1)); break;
            case <= 0xdf: SetCount(MessagePackKind.Map, Unsigned(code - 0xde + 1)); break;
            default: SetInteger((sbyte)code); break;
        }
    }

    /// <summary>Passes over one item with all that it holds, however deeply nested, without recursion.</summary>
    public void Skip()
    {
        for (long open = 1; open > 0; open--)
        {
            Read();
            open += Kind switch
            {
                MessagePackKind.Array => Count,
                MessagePackKind.Map => 2L * Count,
                _ => 0,
            };
        }
    }

    public int ReadArrayHeader() => ReadOf(MessagePackKind.Array).Count;

    /// <returns>The number of pairs.</returns>
    public int ReadMapHeader() => ReadOf(MessagePackKind.Map).Count;

    public long ReadInteger() => ReadOf(MessagePackKind.Integer).Integer;

    public string ReadText()
    {
        Read();
        return TextOf(this);
    }

    public string? ReadTextOrNil()
    {
        Read();
        return Kind == MessagePackKind.Nil ? null : TextOf(this);
    }

    private static string TextOf(MessagePackReader at) =>
        at.Kind == MessagePackKind.Text && Utf8.IsValid(at.Bytes) ? Encoding.UTF8.GetString(at.Bytes) : throw new InvalidDataException("A text was expected.");

    private MessagePackReader ReadOf(MessagePackKind kind)
    {
        Read();
        return Kind == kind ? this : throw new InvalidDataException($"{kind} was expected, not {Kind}.");
    }

    private void SetInteger(long value) => (Kind, Integer) = (MessagePackKind.Integer, value);

    private void SetUnsigned(ulong value) => (Kind, Integer) = (value > long.MaxValue ? MessagePackKind.BigInteger : MessagePackKind.Integer, unchecked((long)value));

    private void SetFloat(double value) => (Kind, Float) = (MessagePackKind.Float, value);

    private void SetBytes(MessagePackKind kind, uint length)
    {
        Kind = kind;
        Bytes = Take(length);
    }

    private void SetExtension(uint length)
    {
        ExtensionType = (sbyte)Take(1)[0];
        SetBytes(MessagePackKind.Extension, length);
    }

    private void SetCount(MessagePackKind kind, uint count)
    {
        // Each item has at least one byte.
        long least = kind == MessagePackKind.Map ? 2L * count : count;
        (Kind, Count) = least <= _bytes.Length - Position ? (kind, (int)count) : throw Truncated();
    }

    /// <param name="width">0 for one byte, 1 for two, 2 for four.</param>
    private uint Unsigned(int width) => width switch
    {
        0 => Take(1)[0],
        1 => BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
        _ => BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
    };

    private ReadOnlySpan<byte> Take(uint length)
    {
        if (length > (uint)(_bytes.Length - Position))
        {
            throw Truncated();
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    private static InvalidDataException Truncated() => new("An item is longer than the message that holds it.");
}
