using System.Text;

namespace HubService.Delivery;

/// <summary>Whom a send is for.</summary>
internal enum Audience : byte
{
    All,
    Connections,
    Groups,
    Users,
}

/// <summary>A send of one hub for connections of another node, as it travels there.</summary>
/// <param name="Names">Of the connections, groups or users; none for all.</param>
/// <param name="Except">Connections, by handle, that are left out.</param>
/// <param name="Frame">The invocation, as the connections get it.</param>
internal sealed record RemoteSend(string Hub, Audience Audience, IReadOnlyList<string> Names, IReadOnlyList<string> Except, ReadOnlyMemory<byte> Frame)
{
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream(Frame.Length + 256);
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Hub);
        writer.Write((byte)Audience);
        Write(writer, Names);
        Write(writer, Except);
        writer.Write(Frame.Span);
        writer.Flush();
        return bytes.ToArray();
    }

    public static RemoteSend Read(ReadOnlyMemory<byte> message)
    {
        byte[] bytes = message.ToArray();
        using var stream = new MemoryStream(bytes);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        var send = new RemoteSend(reader.ReadString(), (Audience)reader.ReadByte(), ReadNames(reader), ReadNames(reader), default);
        return send with { Frame = bytes.AsMemory((int)stream.Position) };
    }

    private static void Write(BinaryWriter writer, IReadOnlyList<string> names)
    {
        writer.Write(names.Count);
        foreach (string name in names)
        {
            writer.Write(name);
        }
    }

    private static string[] ReadNames(BinaryReader reader)
    {
        string[] names = new string[reader.ReadInt32()];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = reader.ReadString();
        }

        return names;
    }
}
