using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace HubService.Cluster.Tests.Rig;

/// <summary>
/// Makes a .NET process collect its garbage, as <c>dotnet-gcdump</c> does: a session of its event pipe that is asked for the
/// keyword GCHeapCollect begins with a full collection. The way there is the runtime's diagnostics socket
/// (dotnet/diagnostics, documentation/design-docs/ipc-protocol.md).
/// </summary>
internal static class Garbage
{
    private const string Magic = "DOTNET_IPC_V1\0";
    private const string Provider = "Microsoft-Windows-DotNETRuntime";
    private const byte EventPipe = 2;
    private const byte CollectTracing = 2;
    private const byte Server = 0xff;
    private const long HeapCollect = 0x800000;
    private const uint Informational = 4;
    private const uint NetTrace = 1;
    private const uint BufferMegaBytes = 16;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Returns when it has begun; it blocks the process until it is done.</summary>
    public static async Task CollectAsync(Process process)
    {
        // A process that was killed leaves its own behind, and its number may come again.
        string path = Directory.GetFiles(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"dotnet-diagnostic-{process.Id}-*-socket")).MaxBy(File.GetLastWriteTimeUtc)!;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Request());
        byte[] answer = new byte[Magic.Length + 6];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Limit);
        Assert.Equal(Server, answer[Magic.Length + 2]);
        Assert.Equal(0, answer[Magic.Length + 3]);
    }

    private static byte[] Request()
    {
        using MemoryStream payload = new();
        using (BinaryWriter writer = new(payload, Encoding.Unicode, leaveOpen: true))
        {
            writer.Write(BufferMegaBytes);
            writer.Write(NetTrace);
            writer.Write(1u);
            writer.Write(HeapCollect);
            writer.Write(Informational);
            writer.Write((uint)Provider.Length + 1);
            writer.Write(Encoding.Unicode.GetBytes(Provider + "\0"));
            writer.Write(0u);
        }

        using MemoryStream request = new();
        using (BinaryWriter writer = new(request, Encoding.ASCII, leaveOpen: true))
        {
            writer.Write(Encoding.ASCII.GetBytes(Magic));
            writer.Write((ushort)(Magic.Length + 6 + payload.Length));
            writer.Write(EventPipe);
            writer.Write(CollectTracing);
            writer.Write((ushort)0);
            writer.Write(payload.ToArray());
        }

        return request.ToArray();
    }
}
