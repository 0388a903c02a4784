using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using HubService.Tests.Client;
using HubService.Tests.Sqlite;

namespace HubService.Tests.Redis;

/// <summary>A real sentinel that watches one primary and fails over after a second, alone.</summary>
internal sealed class RedisSentinel : IAsyncDisposable
{
    public const string Service = "mymaster";

    private readonly TempDirectory _directory = new();
    private readonly Process _process;

    private RedisSentinel(RedisServer primary)
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        string file = _directory.File("sentinel.conf");
        File.WriteAllLines(file, ((string[])
        [
            $"port {Port.ToString(CultureInfo.InvariantCulture)}", "bind 127.0.0.1", $"dir {_directory.Path}", $"sentinel monitor {Service} 127.0.0.1 {primary.Port} 1",
            $"sentinel down-after-milliseconds {Service} 1000", $"sentinel failover-timeout {Service} 5000",
        ]));
        var start = new ProcessStartInfo("redis-server", [file, "--sentinel"]) { UseShellExecute = false, RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public int Port { get; }

    public static async Task<RedisSentinel> StartAsync(RedisServer primary)
    {
        var sentinel = new RedisSentinel(primary);
        await Wait.Until(() => sentinel.Ask("PING").StartsWith("+PONG", StringComparison.Ordinal));
        return sentinel;
    }

    public Task<bool> KnowsReplicaAsync() => Task.FromResult(Ask($"SENTINEL REPLICAS {Service}").StartsWith("*1", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    /// <summary>The beginning of the answer; empty when there is none.</summary>
    private string Ask(string command)
    {
        try
        {
            using var client = new TcpClient { ReceiveTimeout = 1_000 };
            client.Connect(IPAddress.Loopback, Port);
            client.GetStream().Write(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"));
            byte[] buffer = new byte[256];
            return System.Text.Encoding.ASCII.GetString(buffer, 0, client.GetStream().Read(buffer));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return "";
        }
    }
}
