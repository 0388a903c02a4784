using System.Diagnostics;
using HubService.Tests.Sqlite;

namespace HubService.Cluster.Tests.Rig;

/// <summary>nginx in front of the nodes, as small as it can be.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private Process? _process;

    private NginxServer()
    {
    }

    public static bool IsInstalled { get; } = File.Exists("/usr/sbin/nginx") || File.Exists("/usr/bin/nginx");

    public Uri Url { get; } = new($"http://127.0.0.1:{Ports.Free()}");

    public static async Task<NginxServer> StartAsync(IEnumerable<Uri> nodes)
    {
        var nginx = new NginxServer();
        string servers = string.Concat(nodes.Select(n => $"    server 127.0.0.1:{n.Port} max_fails=1 fail_timeout=1s;\n"));
        string path = nginx._directory.File("nginx.conf");
        await File.WriteAllTextAsync(path, $$"""
            worker_processes 1;
            daemon off;
            pid {{nginx._directory.File("nginx.pid")}};
            error_log {{nginx._directory.File("error.log")}};
            events { worker_connections 8192; }
            http {
              access_log off;
              client_body_temp_path {{nginx._directory.Path}}; proxy_temp_path {{nginx._directory.Path}}; fastcgi_temp_path {{nginx._directory.Path}};
              uwsgi_temp_path {{nginx._directory.Path}}; scgi_temp_path {{nginx._directory.Path}};
              map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
              upstream hub {
            {{servers}}
                keepalive 16;
              }
              server {
                listen {{nginx.Url.Port}};
                location / {
                  proxy_pass http://hub;
                  proxy_http_version 1.1;
                  proxy_set_header Host $http_host;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  proxy_next_upstream error timeout http_503 non_idempotent;
                  proxy_connect_timeout 1s;
                  proxy_read_timeout 3600s;
                  proxy_buffering off;
                }
              }
            }
            """);
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
