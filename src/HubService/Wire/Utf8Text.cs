using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace HubService.Wire;

/// <summary>Tells whether a text that comes in pieces is UTF-8, wherever it is cut.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Utf8Text
{
    /// <summary>The bytes of a character that is not whole yet, and how many.</summary>
    private uint _begun;
    private int _count;

    /// <summary>False when the text is none.</summary>
    /// <param name="isLast">Nothing of the text follows.</param>
    public bool TryTake(ReadOnlySpan<byte> piece, bool isLast)
    {
        Span<byte> character = stackalloc byte[sizeof(uint)];
        while (_count > 0 && piece.Length > 0)
        {
            _begun |= (uint)piece[0] << (8 * _count++);
            piece = piece[1..];
            BinaryPrimitives.WriteUInt32LittleEndian(character, _begun);
            switch (Rune.DecodeFromUtf8(character[.._count], out _, out _))
            {
                case OperationStatus.Done:
                    (_begun, _count) = (0, 0);
                    break;
                case OperationStatus.InvalidData:
                    return false;
            }
        }

        int whole = piece.Length - (isLast ? 0 : Unfinished(piece));
        foreach (byte b in piece[whole..])
        {
            _begun |= (uint)b << (8 * _count++);
        }

        return Utf8.IsValid(piece[..whole]) && !(isLast && _count > 0);
    }

    /// <summary>How many bytes at the end begin a character that needs more.</summary>
    private static int Unfinished(ReadOnlySpan<byte> piece)
    {
        for (int back = 1; back <= Math.Min(3, piece.Length); back++)
        {
            byte b = piece[^back];
            if ((b & 0xc0) != 0x80)
            {
                return Rune.DecodeFromUtf8(piece[^back..], out _, out _) == OperationStatus.NeedMoreData ? back : 0;
            }
        }

        return 0;
    }
}
