using System.Text;

namespace HubService.Redis;

internal enum WordKind : byte
{
    Tell,
    Ask,
    Answer,

    /// <summary>The handler failed; the payload says how.</summary>
    Failure,
}

/// <summary>What one node says to another, as it travels on the other's channel.</summary>
/// <param name="Number">Counts what the sender said to anybody; tells a word that is heard twice, and names a question.</param>
/// <param name="Question">Of an answer: the number of the question; else 0.</param>
internal sealed record NodeWord(WordKind Kind, string Sender, long Number, long Question, string Topic, ReadOnlyMemory<byte> Payload)
{
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream(Payload.Length + 128);
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write((byte)Kind);
        writer.Write(Sender);
        writer.Write(Number);
        writer.Write(Question);
        writer.Write(Topic);
        writer.Write(Payload.Span);
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Null for bytes that are no word.</summary>
    public static NodeWord? Read(byte[]? bytes)
    {
        using var stream = new MemoryStream(bytes ?? [], writable: false);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            var word = new NodeWord((WordKind)reader.ReadByte(), reader.ReadString(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadString(), default);
            return word with { Payload = bytes.AsMemory((int)stream.Position) };
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or IOException)
        {
            return null;
        }
    }
}
