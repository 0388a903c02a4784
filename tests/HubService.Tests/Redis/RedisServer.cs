using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HubService.Tests.Client;
using HubService.Tests.Sqlite;

namespace HubService.Tests.Redis;

/// <summary>How a <see cref="RedisServer"/> starts.</summary>
/// <param name="AppendFsync">Null: keeps nothing on disk; else an append-only file with <c>always</c>, <c>everysec</c> or <c>no</c>.</param>
/// <param name="ReplicaOf">The server it copies.</param>
/// <param name="More">Further arguments, e.g. <c>--maxmemory 10mb</c>.</param>
internal sealed record RedisServerOptions(string? AppendFsync = null, RedisServer? ReplicaOf = null, string? Password = null, params string[] More);

/// <summary>A real redis-server of its own on a free loopback port and in a directory of its own; it can be killed, started again on the same port with what is on its disk, stopped and continued.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const int Attempts = 5;

    private readonly TempDirectory _directory = new();
    private readonly RedisServerOptions _options;
    private Process? _process;

    private RedisServer(RedisServerOptions options) => _options = options;

    public int Port { get; private set; }

    /// <summary>As <c>Redis:Connection</c> takes it.</summary>
    public string Connection => _options.Password is { } password ? $"127.0.0.1:{Port},password={password}" : $"127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync(RedisServerOptions? options = null)
    {
        var server = new RedisServer(options ?? new RedisServerOptions());
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                server.Port = FreePort();
                try
                {
                    await server.StartAsync();
                    return server;
                }
                catch (InvalidOperationException) when (attempt < Attempts)
                {
                    // Somebody else took the port in between.
                }
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, again on the same port; returns when it answers.</summary>
    public async Task StartAsync()
    {
        List<string> arguments =
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _directory.Path, "--save", "",
            "--daemonize", "no", "--appendonly", _options.AppendFsync is null ? "no" : "yes", "--appendfsync", _options.AppendFsync ?? "no",
            "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0",
        ];
        if (_options.Password is { } password)
        {
            arguments.AddRange(["--requirepass", password, "--masterauth", password]);
        }

        if (_options.ReplicaOf is { } master)
        {
            arguments.AddRange(["--replicaof", $"127.0.0.1 {master.Port}"]);
        }

        arguments.AddRange(_options.More);
        var start = new ProcessStartInfo("redis-server", arguments) { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = _directory.Path };
        Process process = _process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        await Wait.Until(() => process.HasExited ? throw new InvalidOperationException($"redis-server ended with {process.ExitCode}.") : Answers());
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync();
    }

    /// <summary>SIGSTOP: its connections stay open, and nothing is answered.</summary>
    public void Stop() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public void Continue() => Signal("CONT");

    /// <summary>What redis-cli would print for a command, without quotes: one line for each element of the answer.</summary>
    public async Task<string> CommandAsync(params string[] command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        NetworkStream stream = client.GetStream();

        // One character per byte, so that lengths can be counted.
        using var reader = new StreamReader(stream, Encoding.Latin1);
        if (_options.Password is { } password)
        {
            await SendAsync(stream, "AUTH", password);
            await ReadAsync(reader);
        }

        await SendAsync(stream, command);
        return await ReadAsync(reader).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Port);
            client.ReceiveTimeout = 1_000;
            client.GetStream().Write("PING\r\n"u8);

            // A refusal for want of a password is an answer; one while it loads its data is none yet.
            byte[] buffer = new byte[64];
            string answer = Encoding.ASCII.GetString(buffer, 0, client.GetStream().Read(buffer));
            return answer.Length > 0 && !answer.StartsWith("-LOADING", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    private void Signal(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task SendAsync(NetworkStream stream, params string[] command) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"*{command.Length}\r\n{string.Concat(command.Select(c => $"${Encoding.UTF8.GetByteCount(c)}\r\n{c}\r\n"))}"));

    private static async Task<string> ReadAsync(StreamReader reader)
    {
        string line = await reader.ReadLineAsync() ?? throw new IOException("The server closed the connection.");
        switch (line[0])
        {
            case '*' or '%' or '~':
                List<string> elements = [];
                for (int left = int.Parse(line.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture); left > 0; left--)
                {
                    elements.Add(await ReadAsync(reader));
                }

                return string.Join('\n', elements);
            case '$' when line != "$-1":
                return await ReadTextAsync(reader, int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture));
            case '$':
                return "";
            case '-':
                return line;
            default:
                return line[1..];
        }
    }

    private static async Task<string> ReadTextAsync(StreamReader reader, int bytes)
    {
        char[] text = new char[bytes];
        if (await reader.ReadBlockAsync(text) < bytes)
        {
            throw new IOException("The server closed the connection.");
        }

        await reader.ReadLineAsync();
        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text));
    }
}
