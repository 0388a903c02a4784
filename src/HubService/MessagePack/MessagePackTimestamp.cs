using System.Buffers.Binary;

namespace HubService.MessagePack;

/// <summary>MessagePack's timestamp extension, as its clients send a date.</summary>
internal static class MessagePackTimestamp
{
    /// <summary>The extension's type.</summary>
    public const sbyte Type = -1;

    private const long NanosecondsPerTick = 100;

    private static readonly long Earliest = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>False when the length is none of a timestamp's, or the time none of .NET's.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DateTimeOffset time)
    {
        (long seconds, uint nanoseconds) = bytes.Length switch
        {
            4 => ((long)BinaryPrimitives.ReadUInt32BigEndian(bytes), 0u),
            8 => Split(BinaryPrimitives.ReadUInt64BigEndian(bytes)),
            12 => (BinaryPrimitives.ReadInt64BigEndian(bytes[4..]), BinaryPrimitives.ReadUInt32BigEndian(bytes)),
            _ => (long.MaxValue, 0u),
        };
        bool valid = seconds >= Earliest && seconds <= Latest && nanoseconds < 1_000_000_000;
        time = valid ? DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / NanosecondsPerTick) : default;
        return valid;
    }

    /// <summary>30 bits of nanoseconds, then 34 of seconds.</summary>
    private static (long Seconds, uint Nanoseconds) Split(ulong both) => ((long)(both & 0x3_ffff_ffff), (uint)(both >> 34));
}
