namespace HubService.Benchmarks.Load.Client;

/// <summary>Connections that join groups and then do nothing.</summary>
/// <param name="First">How many come and go before, so that code and pools are there.</param>
/// <param name="PerGroup">Members of a group.</param>
/// <param name="Settle">Seconds until memory is read.</param>
/// <param name="Seconds">For which CPU is measured behind that.</param>
internal sealed record IdleSpec(Target Target, int First, int Connections, int PerGroup, double Settle, double Seconds, string Prefix);

/// <summary>Runs one <see cref="IdleSpec"/>.</summary>
internal sealed class Idle(IdleSpec spec) : IConnectionReader, IDisposable
{
    private const int ConnectAtOnce = 64;

    private readonly Reading _reading = new();

    /// <exception cref="IOException">A server refused or closed a connection.</exception>
    public Figures Run()
    {
        Open(spec.First).ForEach(c => c.Dispose());
        _reading.For(TimeSpan.FromSeconds(1));
        double before = Processes.Memory(spec.Target.Processes);
        List<Connection> connections = Open(spec.Connections);
        _reading.Add(connections);
        _reading.For(TimeSpan.FromSeconds(spec.Settle));
        var meter = new Meter(spec.Target);
        meter.Begin();
        _reading.For(TimeSpan.FromSeconds(spec.Seconds));
        Usage usage = meter.End();
        double after = Processes.Memory(spec.Target.Processes);
        int closed = connections.Count(c => c.Ended);
        connections.ForEach(c => c.Dispose());
        return new Figures
        {
            ["kib_per_connection"] = (after - before) * 1024 / spec.Connections,
            ["rss_mb"] = after,
            ["idle_cpu_percent"] = usage.Servers * 100 / usage.Seconds,
            ["other_cores"] = usage.Others,
            ["closed"] = closed,
        };
    }

    public void Dispose() => _reading.Dispose();

    void IConnectionReader.OnEvent(Connection connection, long nanosecond, long number)
    {
        // Nobody publishes.
    }

    void IConnectionReader.OnAnswer(Connection connection, string record, bool refused)
    {
        // Nothing is asked but to join.
    }

    private List<Connection> Open(int count)
    {
        Dialect dialect = Dialect.Named(spec.Target.Dialect);
        List<Connection> connections = [.. Enumerable.Range(0, count).Select(i => new Connection(this, i, i / spec.PerGroup))];
        Connector.ForAll(connections, ConnectAtOnce, connection =>
        {
            connection.Open(spec.Target.Subscribe, negotiate: false);
            connection.Join(dialect.Join($"{spec.Prefix}-{connection.Group}"));
        });
        return connections;
    }
}
