using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using HubService.Tests.Access;
using HubService.Tests.Sqlite;

namespace HubService.Tests.Delivery;

/// <summary>The service as a process of its own on a SQLite file, to be killed and started again.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly TempDirectory _directory = new();
    private Process? _process;

    public ServiceProcess()
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndPoint!).Port}");
    }

    public Uri Url { get; }

    /// <summary>May publish and read everything; good for every start.</summary>
    public string Token { get; } = TestToken.Sign(TestToken.Claims().With("roles", new JsonArray("worker", "publisher")).With("streams", new JsonArray("thread:*")));

    public HttpClient Http()
    {
        var http = new HttpClient { BaseAddress = Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return http;
    }

    /// <summary>Returns when the service is ready.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "HubService.dll")])
        {
            WorkingDirectory = _directory.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (string Name, string Value)[] settings =
        [
            ("ASPNETCORE_ENVIRONMENT", "Production"),
            ("ASPNETCORE_URLS", Url.ToString()),
            ("Sqlite__Path", _directory.File("hub.db")),
            ("Streams__Thread__Events", "1000000"),
            ("Limits__ConnectionsPerUser", "100"),
            ("Authentication__Schemes__Bearer__ValidAudience", TestToken.Audience),
            ("Authentication__Schemes__Bearer__SigningKeys__0__Issuer", TestToken.Issuer),
            ("Authentication__Schemes__Bearer__SigningKeys__0__Value", Convert.ToBase64String(TestToken.Key)),
        ];
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        Process process = _process = Process.Start(start)!;
        var said = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, e) => said.AppendLine(e.Data);
        process.ErrorDataReceived += (_, e) => said.AppendLine(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using HttpClient http = Http();
        bool ready = false;
        while (!ready)
        {
            Assert.False(process.HasExited, said.ToString());
            try
            {
                using HttpResponseMessage response = await http.GetAsync("/health/ready");
                ready = response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }

        _directory.Dispose();
    }
}
