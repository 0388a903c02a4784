using System.Diagnostics;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Many connect at once, each with all that a browser does: negotiation, WebSocket, handshake, joining a group.</summary>
/// <param name="AtOnce">How many are on their way at a time.</param>
/// <param name="PerGroup">Members of a group.</param>
internal sealed record StormSpec(Target Target, int Connections, int AtOnce, int PerGroup, string Prefix);

/// <summary>Runs one <see cref="StormSpec"/>.</summary>
internal sealed class Storm(StormSpec spec) : IConnectionReader
{
    private const long Afterwards = 1_000_000_000;

    private readonly Histogram _times = new();

    /// <exception cref="IOException">A server refused or closed a connection.</exception>
    public Figures Run()
    {
        Dialect dialect = Dialect.Named(spec.Target.Dialect);
        List<Connection> connections = [.. Enumerable.Range(0, spec.Connections).Select(i => new Connection(this, i, i / spec.PerGroup))];
        try
        {
            var meter = new Meter(spec.Target);
            meter.Begin();
            Connector.ForAll(connections, spec.AtOnce, connection =>
            {
                long began = Stopwatch.GetTimestamp();
                connection.Open(spec.Target.Subscribe, negotiate: true);
                connection.Join(dialect.Join($"{spec.Prefix}-{connection.Group}"));
                lock (_times)
                {
                    _times.Add(Stopwatch.GetTimestamp() - began);
                }
            });
            Usage usage = meter.End();
            return new Figures
            {
                ["cpu_us"] = usage.Servers * 1e6 / spec.Connections,
                ["connects_per_s"] = spec.Connections / usage.Seconds,
                ["p50_ms"] = _times.Milliseconds(0.5),
                ["p99_ms"] = _times.Milliseconds(0.99),
                ["other_cores"] = usage.Others,
            };
        }
        finally
        {
            // What it costs the server that they go is no part of what is measured next.
            connections.ForEach(c => c.Dispose());
            Native.Sleep(Afterwards);
        }
    }

    void IConnectionReader.OnEvent(Connection connection, long nanosecond, long number)
    {
        // Nobody publishes.
    }

    void IConnectionReader.OnAnswer(Connection connection, string record, bool refused)
    {
        // Nothing is asked but to join.
    }
}
