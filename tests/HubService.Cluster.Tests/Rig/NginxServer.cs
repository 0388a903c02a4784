using System.Diagnostics;
using HubService.Tests.House;
using HubService.Tests.Sqlite;

namespace HubService.Cluster.Tests.Rig;

/// <summary>nginx in front of two nodes.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private Process? _process;

    private NginxServer()
    {
    }

    public static bool IsInstalled { get; } = File.Exists("/usr/sbin/nginx") || File.Exists("/usr/bin/nginx");

    /// <summary>The end of its access log.</summary>
    public string Log => string.Join('\n', Lines.TakeLast(40));

    /// <summary>What is over, in the order in which it ended.</summary>
    public IReadOnlyList<Proxied> Done => [.. Lines.Select(Proxied.Read).OfType<Proxied>()];

    private IEnumerable<string> Lines => File.Exists(_directory.File("access.log")) ? File.ReadLines(_directory.File("access.log")) : [];

    public Uri Url { get; } = new($"http://127.0.0.1:{Ports.Free()}");

    /// <summary>With the configuration of samples/load-balanced, other addresses put in as its run.sh does, and times to the millisecond in the log.</summary>
    public static async Task<NginxServer> StartAsync(Uri a, Uri b)
    {
        var nginx = new NginxServer();
        string path = nginx._directory.File("nginx.conf");
        string log = nginx._directory.File("access.log");
        await File.WriteAllTextAsync(path, "daemon off;\n" + Repository.Read("samples/load-balanced/nginx.conf")
            .Replace("hub-a:8081", $"127.0.0.1:{a.Port}", StringComparison.Ordinal)
            .Replace("hub-b:8082", $"127.0.0.1:{b.Port}", StringComparison.Ordinal)
            .Replace(":8081$", $":{a.Port}$", StringComparison.Ordinal)
            .Replace(":8082$", $":{b.Port}$", StringComparison.Ordinal)
            .Replace("*:8080", $"127.0.0.1:{nginx.Url.Port}", StringComparison.Ordinal)
            .Replace("$time_iso8601", "$msec", StringComparison.Ordinal)
            .Replace("/tmp/", $"{nginx._directory.Path}/", StringComparison.Ordinal)
            .Replace("/dev/stdout", log, StringComparison.Ordinal));
        nginx._process = Process.Start(new ProcessStartInfo("nginx", ["-c", path, "-p", nginx._directory.Path]) { UseShellExecute = false, RedirectStandardError = true })!;
        await Waiting.UntilAsync("nginx listens", TimeSpan.FromSeconds(10), nginx.Listens);
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            // QUIT waits for connections; TERM ends its workers too, as a kill would not.
            if (!process.HasExited)
            {
                Signals.Send(process, "TERM");
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        _directory.Dispose();
    }

    private bool Listens()
    {
        try
        {
            using var client = new System.Net.Sockets.TcpClient();
            client.Connect(System.Net.IPAddress.Loopback, Url.Port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
