using System.Globalization;

namespace HubService.Benchmarks.Load.Servers;

/// <summary>The service as users start it, with its log on: SQLite on one node, Redis on several.</summary>
/// <param name="program">The service's dll.</param>
/// <param name="settings">Further settings, e.g. <c>Delivery:ReplayPage</c>.</param>
internal sealed class HubServer(string name, int nodes, bool redis, string program, IReadOnlyList<KeyValuePair<string, string>> settings) : Server(name, Dialect.Hub, nodes, redis)
{
    private readonly List<string> _directories = [];

    protected override string Token { get; } = LoadToken.Make();

    public override void Stop()
    {
        base.Stop();
        _directories.ForEach(d => Directory.Delete(d, recursive: true));
        _directories.Clear();
    }

    protected override ChildProcess Launch(int port, int node, string? redisAddress)
    {
        string directory = Directory.CreateTempSubdirectory("hubservice-load-").FullName;
        _directories.Add(directory);
        List<(string Name, string Value)> all =
        [
            ("urls", $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}"),
            ("Logging:LogLevel:Default", "Warning"),
            .. LoadToken.Settings,

            // One subject has all the connections, and what is measured is not its limits.
            ("Limits:ConnectionsPerUser", "1000000"),
            ("Limits:PublisherMessagesPerSecond", "100000000"),
            .. redisAddress is null
                ? new[] { ("Streams:Store", "sqlite") }
                : [("Streams:Store", "redis"), ("Redis:Connection", redisAddress), ("Cluster:Name", $"node{node.ToString(CultureInfo.InvariantCulture)}")],
            .. settings.Select(s => (s.Key, s.Value)),
        ];
        return ChildProcess.Dotnet(Name, program, directory, all.SelectMany(s => new[] { $"--{s.Name}", s.Value }));
    }
}
