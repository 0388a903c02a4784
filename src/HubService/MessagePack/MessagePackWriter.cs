using System.Buffers.Binary;
using System.Text;

namespace HubService.MessagePack;

/// <summary>
/// Writes MessagePack into a pooled buffer, every item in its shortest form. An array or map may be closed with its count
/// only when all it holds has been written.
/// </summary>
internal sealed class MessagePackWriter : IDisposable
{
    private readonly PooledBytes _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.Written;

    public void Nil() => Byte(0xc0);

    public void Boolean(bool value) => Byte(value ? (byte)0xc3 : (byte)0xc2);

    public void Integer(long value)
    {
        switch (value)
        {
            case >= 0: Unsigned((ulong)value); break;
            case >= -32: Byte(unchecked((byte)value)); break;
            case >= sbyte.MinValue: Code(0xd0, 1)[0] = unchecked((byte)value); break;
            case >= short.MinValue: BinaryPrimitives.WriteInt16BigEndian(Code(0xd1, 2), (short)value); break;
            case >= int.MinValue: BinaryPrimitives.WriteInt32BigEndian(Code(0xd2, 4), (int)value); break;
            default: BinaryPrimitives.WriteInt64BigEndian(Code(0xd3, 8), value); break;
        }
    }

    public void Unsigned(ulong value)
    {
        switch (value)
        {
            case <= 0x7f: Byte((byte)value); break;
            case <= byte.MaxValue: Code(0xcc, 1)[0] = (byte)value; break;
            case <= ushort.MaxValue: BinaryPrimitives.WriteUInt16BigEndian(Code(0xcd, 2), (ushort)value); break;
            case <= uint.MaxValue: BinaryPrimitives.WriteUInt32BigEndian(Code(0xce, 4), (uint)value); break;
            default: BinaryPrimitives.WriteUInt64BigEndian(Code(0xcf, 8), value); break;
        }
    }

    public void Float(double value) => BinaryPrimitives.WriteDoubleBigEndian(Code(0xcb, 8), value);

    public void Text(ReadOnlySpan<byte> utf8)
    {
        TextHeader(utf8.Length);
        utf8.CopyTo(_bytes.Take(utf8.Length));
    }

    public void Text(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        TextHeader(length);
        Encoding.UTF8.GetBytes(text, _bytes.Take(length));
    }

    public void TextOrNil(string? text)
    {
        if (text is null)
        {
            Nil();
        }
        else
        {
            Text(text);
        }
    }

    public void ArrayHeader(int count) => EndArray(Begin(), count);

    public void MapHeader(int count) => EndMap(Begin(), count);

    /// <summary>Begins an array or a map.</summary>
    /// <returns>The place to end it with.</returns>
    public int Begin()
    {
        Byte(0);
        return _bytes.Length - 1;
    }

    public void EndArray(int start, int count) => End(start, count, 0x90, 0xdc);

    /// <param name="count">The number of pairs.</param>
    public void EndMap(int start, int count) => End(start, count, 0x80, 0xde);

    public void Dispose() => _bytes.Dispose();

    private void End(int start, int count, byte fix, byte code)
    {
        if (count <= 0x0f)
        {
            _bytes.Written[start] = (byte)(fix | count);
            return;
        }

        // Few have so many items that what they hold has to make room.
        int width = count <= ushort.MaxValue ? 2 : 4;
        int held = _bytes.Length - start - 1;
        _bytes.Take(width);
        Span<byte> all = _bytes.Written[start..];
        all.Slice(1, held).CopyTo(all[(1 + width)..]);
        all[0] = width == 2 ? code : (byte)(code + 1);
        if (width == 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(all[1..], (ushort)count);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(all[1..], (uint)count);
        }
    }

    private void TextHeader(int length)
    {
        switch (length)
        {
            case <= 0x1f: Byte((byte)(0xa0 | length)); break;
            case <= byte.MaxValue: Code(0xd9, 1)[0] = (byte)length; break;
            case <= ushort.MaxValue: BinaryPrimitives.WriteUInt16BigEndian(Code(0xda, 2), (ushort)length); break;
            default: BinaryPrimitives.WriteUInt32BigEndian(Code(0xdb, 4), (uint)length); break;
        }
    }

    private void Byte(byte value) => _bytes.Take(1)[0] = value;

    /// <summary>Writes the code and returns the bytes behind it.</summary>
    private Span<byte> Code(byte code, int width)
    {
        Byte(code);
        return _bytes.Take(width);
    }
}
