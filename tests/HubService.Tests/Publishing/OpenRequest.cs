using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace HubService.Tests.Publishing;

/// <summary>A request that is answered while it is still being sent; <see cref="HttpClient"/> reads no answer before it has sent all.</summary>
internal sealed class OpenRequest : IDisposable
{
    private readonly TcpClient _tcp = new();
    private NetworkStream _stream = null!;
    private StreamReader _answers = null!;

    private OpenRequest()
    {
    }

    public static async Task<OpenRequest> SendAsync(HubHost host, string path, string contentType, string token)
    {
        OpenRequest request = new();
        await request._tcp.ConnectAsync(host.Url.Host, host.Url.Port);
        request._stream = request._tcp.GetStream();
        request._answers = new StreamReader(request._stream);
        string head = $"POST {path} HTTP/1.1\r\nHost: {host.Url.Authority}\r\nAuthorization: Bearer {token}\r\nContent-Type: {contentType}\r\nTransfer-Encoding: chunked\r\n\r\n";
        await request._stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        return request;
    }

    public async Task WriteAsync(string text)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        byte[] size = Encoding.ASCII.GetBytes(body.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        await _stream.WriteAsync((byte[])[.. size, .. body, .. "\r\n"u8]);
    }

    public async Task EndAsync() => await _stream.WriteAsync("0\r\n\r\n"u8.ToArray());

    /// <summary>The next line of JSON of the answer.</summary>
    public async Task<JsonElement> NextAsync()
    {
        using CancellationTokenSource hopeless = new(TimeSpan.FromSeconds(30));
        while (await _answers.ReadLineAsync(hopeless.Token) is { } line)
        {
            if (line.StartsWith('{'))
            {
                return JsonElement.Parse(line);
            }
        }

        throw new InvalidOperationException("The answer ended.");
    }

    public void Dispose()
    {
        _answers.Dispose();
        _tcp.Dispose();
    }
}
