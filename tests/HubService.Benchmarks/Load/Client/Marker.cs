using System.Buffers.Text;

namespace HubService.Benchmarks.Load.Client;

/// <summary>
/// What each event carries in its text: <c>~</c>, the nanosecond for which it was meant, <c>.</c>, its number within its group from
/// 1 on, <c>~</c>, at fixed width. It is found in what arrives whatever surrounds it, so that one client reads every server alike.
/// </summary>
internal static class Marker
{
    public const int Length = 31;

    private const int TimeDigits = 19;
    private const int NumberDigits = 9;
    private const byte Edge = (byte)'~';
    private const byte Point = (byte)'.';

    public static void Write(Span<byte> place, long nanosecond, long number)
    {
        place[0] = place[Length - 1] = Edge;
        WriteDigits(place.Slice(1, TimeDigits), nanosecond);
        place[1 + TimeDigits] = Point;
        WriteDigits(place.Slice(2 + TimeDigits, NumberDigits), number);
    }

    /// <summary>Digits with zeros in front, as wide as the place.</summary>
    public static void WriteDigits(Span<byte> place, long value)
    {
        for (int i = place.Length - 1; i >= 0; i--, value /= 10)
        {
            place[i] = (byte)('0' + (value % 10));
        }
    }

    /// <summary>Where the next one may begin: complete, or cut off by the end; -1 when there is none.</summary>
    public static int Find(ReadOnlySpan<byte> data) => data.IndexOf(Edge);

    /// <summary>False when these bytes are not a marker.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out long nanosecond, out long number)
    {
        nanosecond = number = 0;
        return data[Length - 1] == Edge && data[1 + TimeDigits] == Point
            && Utf8Parser.TryParse(data.Slice(1, TimeDigits), out nanosecond, out int time) && time == TimeDigits
            && Utf8Parser.TryParse(data.Slice(2 + TimeDigits, NumberDigits), out number, out int digits) && digits == NumberDigits;
    }
}
