using System.Text;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace HubService.Tests.MessagePack;

/// <summary>Messages made to hurt, by name, each with what may become of it.</summary>
internal static class MessageBombs
{
    private const string Failure = nameof(InvocationBindingFailureMessage);
    private const string NoMessage = nameof(InvalidDataException);

    public static Dictionary<string, (byte[] Message, string[] Outcomes)> All { get; } = new(StringComparer.Ordinal)
    {
        ["arrays in arrays"] = (Repeat("91", 32_000), [NoMessage]),
        ["arrays in arrays, closed"] = ([.. Repeat("91", 32_000), 0xc0], [NoMessage]),
        ["maps in maps"] = (Repeat("81a161", 32_000), [NoMessage]),
        ["deep arrays as an argument"] = (Argument([.. Repeat("91", 32_000), 0xc0]), [Failure]),
        ["deep maps as an argument"] = (Argument([.. Repeat("81a161", 10_000), 0xc0]), [Failure]),
        ["array of 2^32-1"] = (Packed.Hex("dd ffffffff"), [NoMessage]),
        ["map of 2^32-1"] = (Packed.Hex("df ffffffff"), [NoMessage]),
        ["argument: array of 2^32-1"] = (Argument(Packed.Hex("dd ffffffff")), [NoMessage]),
        ["argument: map of 2^31"] = (Argument(Packed.Hex("df 80000000")), [NoMessage]),
        ["argument: binary of 2^32-1"] = (Argument(Packed.Hex("c6 ffffffff")), [NoMessage]),
        ["argument: text of 2^32-1"] = (Argument(Packed.Hex("db ffffffff")), [NoMessage]),
        ["argument: extension of 2^32-1"] = (Argument(Packed.Hex("c9 ffffffff 01")), [NoMessage]),
        ["headers of 2^32-1"] = (Packed.Hex("96 01 df ffffffff"), [NoMessage]),
        ["a thousand headers"] = ([.. Packed.Hex("96 01 de03e8"), .. Enumerable.Range(0, 1000).SelectMany(i => Packed.FromJson($"\"{i}\"").Append((byte)0xa0)), .. Packed.Hex("c0 a450696e67 90 90")], [NoMessage]),
        ["a thousand streams"] = ([.. Packed.Hex("96 01 80 c0 a450696e67 90 dc03e8"), .. Repeat("a0", 1000)], [NoMessage]),
        ["arguments of 60,000"] = ([.. Packed.Hex("96 01 80 a131 a450696e67 dcea60"), .. Repeat("c0", 60_000), 0x90], [Failure]),
        ["60,000 nulls"] = (Argument([.. Packed.Hex("dcea60"), .. Repeat("c0", 60_000)]), [nameof(InvocationMessage)]),
        ["60,000 control characters"] = (Argument([.. Packed.Hex("daea60"), .. Repeat("01", 60_000)]), [nameof(InvocationMessage)]),
        ["500,000 nulls"] = (Argument([.. Packed.Hex("dd0007a120"), .. Repeat("c0", 500_000)]), [Failure]),
        ["900,000 control characters"] = (Argument([.. Packed.Hex("db000dbba0"), .. Repeat("01", 900_000)]), [Failure]),
        ["20,000 empty objects"] = (Argument([.. Packed.Hex("dc4e20"), .. Repeat("80", 20_000)]), [nameof(InvocationMessage)]),
        ["10,000 names"] = (Argument([.. Packed.Hex("de2710"), .. Enumerable.Range(0, 10_000).SelectMany(i => Packed.FromJson($"\"{i}\"").Append((byte)0))]), [nameof(InvocationMessage)]),
        ["the same name 10,000 times"] = (Argument([.. Packed.Hex("de2710"), .. Repeat("a0 00", 10_000)]), [Failure]),
        ["timestamp of 5 bytes"] = (Argument(Packed.Hex("c7 05 ff 0000000000")), [Failure]),
        ["timestamp without bytes"] = (Argument(Packed.Hex("c7 00 ff")), [Failure]),
        ["timestamp in the year 10^11"] = (Argument(Packed.Hex("c7 0c ff 00000000 7fffffffffffffff")), [Failure]),
        ["timestamp of 2^30-1 nanoseconds"] = (Argument(Packed.Hex("d7 ff fffffffc00000000")), [Failure]),
        ["binary data"] = (Argument(Packed.Hex("c4 01 00")), [Failure]),
        ["another extension"] = (Argument(Packed.Hex("d4 05 00")), [Failure]),
        ["not a number"] = (Argument(Packed.Hex("cb 7ff8000000000000")), [Failure]),
        ["infinity"] = (Argument(Packed.Hex("ca 7f800000")), [Failure]),
        ["text that is not UTF-8"] = (Argument(Packed.Hex("a1 ff")), [Failure]),
        ["a name that is not UTF-8"] = (Argument(Packed.Hex("81 a1 ff 00")), [Failure]),
        ["a number as a name"] = (Argument(Packed.Hex("81 01 00")), [Failure]),
        ["a target that is not UTF-8"] = (Packed.Hex("96 01 80 c0 a1ff 90 90"), [NoMessage]),
        ["a map for the message"] = (Packed.Hex("81 01 80"), [NoMessage]),
        ["a text for the message"] = (Packed.Hex("a161"), [NoMessage]),
        ["an empty message"] = (Packed.Hex("90"), [NoMessage]),
        ["a type that is no number"] = (Packed.Hex("91 a131"), [NoMessage]),
        ["a type of 2^64-1"] = (Packed.Hex("91 cf ffffffffffffffff"), [NoMessage]),
        ["a map for the arguments"] = (Packed.Hex("96 01 80 c0 a450696e67 80 90"), [NoMessage]),
        ["too few items"] = (Packed.Hex("94 01 80 c0 a450696e67"), [NoMessage]),
        ["something behind the message"] = (Packed.Hex("91 06 00"), [NoMessage]),
        ["the byte that means nothing"] = (Argument([0xc1]), [NoMessage]),
        ["a completion of kind 4"] = (Packed.Hex("95 03 80 a131 04 c0"), [NoMessage]),
        ["a completion without an id"] = (Packed.Hex("94 03 80 c0 02"), [NoMessage]),
    };

    /// <summary>A call of Publish whose events are the given bytes.</summary>
    private static byte[] Argument(byte[] value) => [.. Packed.Hex("96 01 80 a131 a75075626c697368 92 a174"), .. value, 0x90];

    private static byte[] Repeat(string hex, int times) => Packed.Hex(new StringBuilder().Insert(0, hex, times).ToString());
}
