using System.Globalization;
using HubService.Benchmarks.Load.Client;

namespace HubService.Benchmarks.Load.Servers;

/// <summary>A server under load: one node, or two that share a Redis of their own. It can be started again, with nothing of before.</summary>
internal abstract class Server(string name, Dialect dialect, int nodes, bool redis) : IDisposable
{
    private readonly List<Node> _nodes = [];
    private RedisProcess? _redis;

    public string Name => name;

    public int Nodes => nodes;

    public bool HasRedis => redis;

    /// <summary>Publishers are on the first node, subscribers on the last one.</summary>
    public Target Target => new(
        dialect.Name,
        _nodes[0].Port,
        _nodes[^1].Port,
        Token,
        [.. _nodes.Select(n => n.Process.Id)],
        _redis is null ? [] : [_redis.Id]);

    protected virtual string? Token => null;

    /// <exception cref="BenchmarkException">It does not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _redis = redis ? await RedisProcess.StartAsync(cancellationToken) : null;
            for (int i = 0; i < nodes; i++)
            {
                int port = Ports.Free();
                ChildProcess process = Launch(port, i, _redis is null ? null : string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_redis.Port}"));
                _nodes.Add(new Node(process, port));
                await Answering.WaitAsync(process, () => Answering.IsHealthyAsync(port), cancellationToken);
            }
        }
        catch
        {
            Stop();
            throw;
        }
    }

    public virtual void Stop()
    {
        _nodes.ForEach(n => n.Process.Dispose());
        _nodes.Clear();
        _redis?.Dispose();
        _redis = null;
    }

    public void Dispose() => Stop();

    /// <param name="redisAddress">Null: it has none.</param>
    protected abstract ChildProcess Launch(int port, int node, string? redisAddress);

    private sealed record Node(ChildProcess Process, int Port);
}
