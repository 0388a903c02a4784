using System.Globalization;

namespace HubService.Benchmarks.Load.Servers;

/// <summary>A redis-server of its own that keeps nothing on disk.</summary>
internal sealed class RedisProcess : IDisposable
{
    private readonly ChildProcess _process;

    private RedisProcess(ChildProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public int Id => _process.Id;

    /// <exception cref="BenchmarkException">It does not start.</exception>
    public static async Task<RedisProcess> StartAsync(CancellationToken cancellationToken)
    {
        int port = Ports.Free();
        string[] arguments = ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"];
        var redis = new RedisProcess(ChildProcess.Start("redis-server", "redis-server", AppContext.BaseDirectory, arguments), port);
        try
        {
            await Answering.WaitAsync(redis._process, () => Answering.ListensAsync(port), cancellationToken);
            return redis;
        }
        catch
        {
            redis.Dispose();
            throw;
        }
    }

    public void Dispose() => _process.Dispose();
}
