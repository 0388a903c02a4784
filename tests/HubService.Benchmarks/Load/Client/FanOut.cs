using System.Diagnostics;

namespace HubService.Benchmarks.Load.Client;

/// <summary>
/// Runs one <see cref="FanOutSpec"/>: all connections are read by this thread, another one publishes. Every event that a member
/// should have got is accounted for, those of the warm-up too.
/// </summary>
internal sealed class FanOut : IConnectionReader, IDisposable
{
    private const int ConnectAtOnce = 32;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(20);

    private readonly FanOutSpec _spec;
    private readonly List<Connection> _members = [];
    private readonly List<Connection> _publishers = [];
    private readonly Histogram _latency = new();
    private readonly Histogram _answers = new();
    private readonly Reading _reading = new();
    private readonly Ledger _ledger;
    private readonly Pacer _pacer;
    private bool _measuring;
    private long _counted;
    private long _refused;
    private long _longestGap;

    public FanOut(FanOutSpec spec)
    {
        _spec = spec;
        _members.AddRange(Enumerable.Range(0, spec.Groups * spec.Members).Select(i => new Connection(this, i, i / spec.Members)));
        _publishers.AddRange(Enumerable.Range(0, spec.Publishers).Select(i => new Connection(this, _members.Count + i, -1)));
        _ledger = new Ledger(_members.Count);
        _pacer = new Pacer(spec, _publishers, () => _ledger.Delivered);
    }

    /// <exception cref="IOException">A server refused or closed a connection.</exception>
    public Figures Run()
    {
        Dialect dialect = Dialect.Named(_spec.Target.Dialect);
        Connector.ForAll(_members, ConnectAtOnce, member =>
        {
            member.Open(_spec.Target.Subscribe, negotiate: false);
            member.Join(dialect.Join(_spec.Group(member.Group)));
        });
        Connector.ForAll(_publishers, ConnectAtOnce, publisher => publisher.Open(_spec.Target.Publish, negotiate: false));
        _reading.Add(_members.Skip(_spec.Stalled).Concat(_publishers));
        _reading.Ping(_members.Take(_spec.Stalled));

        var meter = new Meter(_spec.Target);
        _pacer.Start();
        _reading.For(TimeSpan.FromSeconds(_spec.WarmUp));
        double memory = Processes.Memory(_spec.Target.Processes), peak = memory;
        meter.Begin();
        _measuring = true;
        long end = Stopwatch.GetTimestamp() + (long)(_spec.Seconds * 1e9);
        while (Stopwatch.GetTimestamp() < end)
        {
            _reading.For(TimeSpan.FromSeconds(Math.Min(0.5, Math.Max(0, (end - Stopwatch.GetTimestamp()) / 1e9))));
            peak = Math.Max(peak, Processes.Memory(_spec.Target.Processes));
        }

        Usage usage = meter.End();
        _measuring = false;
        CountFinalGaps();
        (long counted, long published) = (_counted, _pacer.Published);
        _pacer.Stop();
        _reading.Until(() => Missing() == 0, DrainLimit);
        return Summarise(usage, counted, published).With("rss_mb", memory).With("rss_peak_mb", peak).With("rss_growth_mb", peak - memory);
    }

    public void Dispose()
    {
        _pacer.Stop();
        _members.Concat(_publishers).ToList().ForEach(c => c.Dispose());
        _reading.Dispose();
    }

    void IConnectionReader.OnEvent(Connection connection, long nanosecond, long number)
    {
        long now = _reading.Now;
        _ledger.Take(connection.Index, number);
        if (_measuring)
        {
            _counted++;
            _latency.Add(now - nanosecond);
            _longestGap = Math.Max(_longestGap, connection.LastAt == 0 ? 0 : now - connection.LastAt);
        }

        connection.LastAt = now;
    }

    void IConnectionReader.OnAnswer(Connection connection, string record, bool refused)
    {
        _refused += refused ? 1 : 0;
        if (_measuring)
        {
            _answers.Add(_reading.Now - _pacer.MeantFor(PublishFrame.CallOf(record)));
        }
    }

    /// <summary>Who has received nothing up to the end of the window has waited, too.</summary>
    private void CountFinalGaps()
    {
        long now = Stopwatch.GetTimestamp();
        _longestGap = Math.Max(_longestGap, _members.Skip(_spec.Stalled).Max(m => m.LastAt == 0 ? 0 : now - m.LastAt));
    }

    private long Missing() => _ledger.Missing(_spec.Stalled, member => _pacer.Last(_members[member].Group));

    private Figures Summarise(Usage usage, long counted, long published)
    {
        var figures = new Figures
        {
            ["cpu_us"] = usage.Servers * 1e6 / Math.Max(1, counted),
            ["p50_ms"] = _latency.Milliseconds(0.5),
            ["p99_ms"] = _latency.Milliseconds(0.99),
            ["p999_ms"] = _latency.Milliseconds(0.999),
            ["max_ms"] = _latency.Max / 1e6,
            ["longest_gap_ms"] = _longestGap / 1e6,
            ["deliveries_per_s"] = counted / usage.Seconds,
            ["publishes"] = published,
            ["server_cores"] = usage.Servers / usage.Seconds,
            ["client_us"] = usage.Client * 1e6 / Math.Max(1, counted),
            ["redis_us"] = usage.Redis * 1e6 * Math.Max(1, _spec.Members) / Math.Max(1, counted),
            ["other_cores"] = usage.Others,
            ["publisher_lag_ms"] = _spec.InFlight > 0 ? 0 : _pacer.Lag / 1e6,
            ["lost"] = Missing(),
            ["gaps"] = _ledger.Gaps,
            ["duplicates"] = _ledger.Duplicates,
            ["refused"] = _refused,
            ["closed"] = _members.Skip(_spec.Stalled).Concat(_publishers).Count(c => c.Ended),
        };
        return _spec.Answered ? figures.With("ack_p50_ms", _answers.Milliseconds(0.5)).With("ack_p99_ms", _answers.Milliseconds(0.99)) : figures;
    }
}
