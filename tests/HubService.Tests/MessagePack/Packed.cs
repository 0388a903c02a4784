using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HubService.MessagePack;

namespace HubService.Tests.MessagePack;

/// <summary>JSON as MessagePack and back, as the protocol does it, and bytes written by hand.</summary>
internal static class Packed
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] FromJson(string json) => FromJson(Encoding.UTF8.GetBytes(json));

    public static byte[] FromJson(ReadOnlySpan<byte> json)
    {
        using var writer = new MessagePackWriter();
        JsonToMessagePack.Write(json, writer);
        return writer.Written.ToArray();
    }

    /// <summary>The one value that the bytes are, as JSON.</summary>
    public static string ToJson(ReadOnlySpan<byte> packed)
    {
        var reader = new MessagePackReader(packed);
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Relaxed))
        {
            MessagePackToJson.Write(ref reader, writer, int.MaxValue);
        }

        Assert.True(reader.AtEnd);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    /// <summary>Bytes from hexadecimal digits, spaces ignored.</summary>
    public static byte[] Hex(string digits) => Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>A message behind its length.</summary>
    public static byte[] Frame(params ReadOnlySpan<byte> message)
    {
        var output = new ArrayBufferWriter<byte>();
        MessagePackFrame.Write(message, output);
        return output.WrittenSpan.ToArray();
    }
}
