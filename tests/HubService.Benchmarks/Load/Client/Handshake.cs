using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace HubService.Benchmarks.Load.Client;

/// <summary>A server as a connection needs it.</summary>
/// <param name="Token">Null: it asks for none.</param>
internal sealed record Endpoint(int Port, string Path, string? Token);

/// <summary>The HTTP by which a WebSocket begins, on a socket that blocks.</summary>
internal static class Handshake
{
    private const string Length = "content-length:";

    /// <summary>Returns what the server sent behind its answer.</summary>
    /// <exception cref="IOException">The server refused.</exception>
    public static byte[] Upgrade(Socket socket, Endpoint server, bool negotiate)
    {
        string path = server.Path;
        if (negotiate)
        {
            (_, string body, _) = Ask(socket, server, $"POST {path}/negotiate?negotiateVersion=1", "Content-Length: 0\r\n", "200");
            path += $"?id={JsonElement.Parse(body).GetProperty("connectionToken").GetString()}";
        }

        const string Headers = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
        return Ask(socket, server, $"GET {path}", Headers, "101").Behind;
    }

    private static (string Head, string Body, byte[] Behind) Ask(Socket socket, Endpoint server, string request, string headers, string expected)
    {
        string authorization = server.Token is null ? "" : $"Authorization: Bearer {server.Token}\r\n";
        socket.Send(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}\r\n{authorization}{headers}\r\n"));
        byte[] buffer = new byte[8192];
        int filled = 0, end;
        while ((end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            filled += Receive(socket, buffer.AsSpan(filled));
        }

        string head = Encoding.ASCII.GetString(buffer, 0, end);
        if (!head.StartsWith($"HTTP/1.1 {expected}", StringComparison.Ordinal))
        {
            throw new IOException($"{request.Split(' ')[0]} was answered by: {head.Split('\r')[0]}");
        }

        int body = end + 4;
        int length = head.Split("\r\n").Where(l => l.StartsWith(Length, StringComparison.OrdinalIgnoreCase)).Select(l => int.Parse(l.AsSpan(Length.Length), CultureInfo.InvariantCulture)).SingleOrDefault();
        while (filled < body + length)
        {
            filled += Receive(socket, buffer.AsSpan(filled));
        }

        return (head, Encoding.UTF8.GetString(buffer, body, length), buffer[(body + length)..filled]);
    }

    private static int Receive(Socket socket, Span<byte> into) =>
        socket.Receive(into) is > 0 and int read ? read : throw new IOException("The server closed a connection before it answered.");
}
