using System.Buffers.Text;
using System.Text;

namespace HubService.MessagePack;

/// <summary>
/// Unescapes a JSON text of which the syntax was checked. Half of a surrogate pair, which JSON can escape and UTF-8 cannot
/// hold, becomes the replacement character; .NET's own unescaping would throw, and a broadcast must not.
/// </summary>
internal static class JsonText
{
    /// <returns>The bytes written: at most as many as were read.</returns>
    public static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> text)
    {
        int written = 0;
        for (int next; (next = escaped.IndexOf((byte)'\\')) >= 0;)
        {
            escaped[..next].CopyTo(text[written..]);
            written += next;
            byte kind = escaped[next + 1];
            escaped = escaped[(next + 2)..];
            if (kind == 'u')
            {
                written += Character(ref escaped).EncodeToUtf8(text[written..]);
            }
            else
            {
                text[written++] = kind switch
                {
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    (byte)'n' => (byte)'\n',
                    (byte)'r' => (byte)'\r',
                    (byte)'t' => (byte)'\t',
                    _ => kind,
                };
            }
        }

        escaped.CopyTo(text[written..]);
        return written + escaped.Length;
    }

    private static Rune Character(ref ReadOnlySpan<byte> digits)
    {
        char first = Unit(digits);
        digits = digits[4..];
        if (Rune.TryCreate(first, out Rune rune))
        {
            return rune;
        }

        if (digits.StartsWith("\\u"u8) && Rune.TryCreate(first, Unit(digits[2..]), out rune))
        {
            digits = digits[6..];
            return rune;
        }

        return Rune.ReplacementChar;
    }

    private static char Unit(ReadOnlySpan<byte> digits) => Utf8Parser.TryParse(digits[..4], out ushort unit, out _, 'X') ? (char)unit : '\ufffd';
}
