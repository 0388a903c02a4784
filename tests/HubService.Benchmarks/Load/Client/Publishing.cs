using System.Diagnostics;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Publishers that each publish to a stream of their own, the next batch when the one before was answered.</summary>
/// <param name="Batch">Events in one publish.</param>
internal sealed record PublishSpec(Target Target, int Publishers, int Batch, int EventBytes, double WarmUp, double Seconds, string Prefix);

/// <summary>Runs one <see cref="PublishSpec"/>.</summary>
internal sealed class Publishing : IConnectionReader, IDisposable
{
    private const int ConnectAtOnce = 32;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    private readonly PublishSpec _spec;
    private readonly Reading _reading = new();
    private readonly Histogram _answers = new();
    private readonly List<Connection> _publishers;
    private readonly PublishFrame[] _frames;
    private readonly long[] _sentAt;
    private bool _measuring;
    private bool _stopping;
    private long _unanswered;
    private long _refused;

    public Publishing(PublishSpec spec)
    {
        _spec = spec;
        Dialect dialect = Dialect.Named(spec.Target.Dialect);
        _publishers = [.. Enumerable.Range(0, spec.Publishers).Select(i => new Connection(this, i, i))];
        _frames = [.. _publishers.Select(p => new PublishFrame(dialect, $"{spec.Prefix}-{p.Index}", spec.EventBytes, spec.Batch, answered: true))];
        _sentAt = new long[spec.Publishers];
    }

    /// <exception cref="IOException">A server refused or closed a connection.</exception>
    public Figures Run()
    {
        Connector.ForAll(_publishers, ConnectAtOnce, p => p.Open(_spec.Target.Publish, negotiate: false));
        _reading.Add(_publishers);
        _publishers.ForEach(Publish);
        _reading.For(TimeSpan.FromSeconds(_spec.WarmUp));
        var meter = new Meter(_spec.Target);
        meter.Begin();
        _measuring = true;
        _reading.For(TimeSpan.FromSeconds(_spec.Seconds));
        _measuring = false;
        Usage usage = meter.End();
        _stopping = true;
        _reading.Until(() => _unanswered == 0, AnswerLimit);
        long events = _answers.Count * _spec.Batch;
        return new Figures
        {
            ["events_per_s"] = events / usage.Seconds,
            ["ack_p50_ms"] = _answers.Milliseconds(0.5),
            ["ack_p99_ms"] = _answers.Milliseconds(0.99),
            ["cpu_us"] = usage.Servers * 1e6 / Math.Max(1, events),
            ["redis_us"] = usage.Redis * 1e6 / Math.Max(1, events),
            ["client_us"] = usage.Client * 1e6 / Math.Max(1, events),
            ["other_cores"] = usage.Others,
            ["lost"] = _unanswered,
            ["refused"] = _refused,
            ["closed"] = _publishers.Count(p => p.Ended),
        };
    }

    public void Dispose()
    {
        _publishers.ForEach(p => p.Dispose());
        _reading.Dispose();
    }

    void IConnectionReader.OnEvent(Connection connection, long nanosecond, long number)
    {
        // Nobody subscribes.
    }

    void IConnectionReader.OnAnswer(Connection connection, string record, bool refused)
    {
        _unanswered--;
        _refused += refused ? 1 : 0;
        if (_measuring)
        {
            _answers.Add(_reading.Now - _sentAt[connection.Index]);
        }

        if (!_stopping)
        {
            Publish(connection);
        }
    }

    private void Publish(Connection publisher)
    {
        _unanswered++;
        _sentAt[publisher.Index] = Stopwatch.GetTimestamp();
        publisher.Send(_frames[publisher.Index].With(_sentAt[publisher.Index], publisher.Last + 1));
        publisher.Last += _spec.Batch;
    }
}
