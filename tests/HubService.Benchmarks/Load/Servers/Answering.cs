using System.Diagnostics;

namespace HubService.Benchmarks.Load.Servers;

/// <summary>Waits until a process that was just started answers.</summary>
internal static class Answering
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <exception cref="BenchmarkException">It ended, or took too long; the message has what it wrote.</exception>
    public static async Task WaitAsync(ChildProcess process, Func<Task<bool>> answers, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await answers())
        {
            if (process.HasEnded || Stopwatch.GetElapsedTime(began) > Limit)
            {
                throw new BenchmarkException($"A server does not start:\n{process.Output}");
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Does something listen on the port, and take a connection?</summary>
    public static async Task<bool> ListensAsync(int port)
    {
        using var client = new System.Net.Sockets.TcpClient();
        try
        {
            await client.ConnectAsync(System.Net.IPAddress.Loopback, port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    /// <summary>Does it answer a request well?</summary>
    public static async Task<bool> IsHealthyAsync(int port)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/startup"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
