using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HubService.Publishing;

/// <summary>Writes one envelope after another with one buffer and one writer for each thread.</summary>
internal static class EnvelopeWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? _own;

    /// <summary>The bytes of what is written, no more and no less: they are kept.</summary>
    public static ReadOnlyMemory<byte> Write<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        (ArrayBufferWriter<byte> buffer, Utf8JsonWriter json) = _own ??= New();
        buffer.ResetWrittenCount();
        json.Reset();
        write(json, state);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) New()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        return (buffer, new Utf8JsonWriter(buffer, Options));
    }
}
