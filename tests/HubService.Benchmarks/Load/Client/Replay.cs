using System.Diagnostics;

namespace HubService.Benchmarks.Load.Client;

/// <summary>A stream that has many events is read from its beginning, by one and by many at once, while another stream is live, whose members have a reader of their own.</summary>
/// <param name="Events">What the stream holds.</param>
/// <param name="Joiners">How many read it at once.</param>
/// <param name="Live">The other stream: its members, its rate, and for how long it is watched while nobody replays.</param>
internal sealed record ReplaySpec(FanOutSpec Live, int Events, int EventBytes, int Joiners);

/// <summary>Runs one <see cref="ReplaySpec"/>.</summary>
internal sealed class Replay : IConnectionReader, IDisposable
{
    private const int Batch = 500;
    private const int ConnectAtOnce = 32;
    private const int Joiner = -2;

    /// <summary>After this the server remembers no page of the replay before.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ReplaySpec _spec;
    private readonly Reading _reading = new();
    private readonly ReadingThread _liveReading = new();
    private readonly Dialect _dialect;
    private readonly Connection _publisher;
    private readonly List<Connection> _members;
    private readonly Pacer _pacer;
    private readonly List<Connection> _all = [];
    private Histogram _live = new();
    private long _answered;
    private long _refused;
    private long _wrong;

    public Replay(ReplaySpec spec)
    {
        _spec = spec;
        _dialect = Dialect.Named(spec.Live.Target.Dialect);
        _publisher = Make(-1);
        _members = [.. Enumerable.Range(0, spec.Live.Members).Select(_ => Make(0))];
        _pacer = new Pacer(spec.Live, [_publisher], static () => 0);
    }

    private string History => $"{_spec.Live.Prefix}-history";

    /// <exception cref="IOException">A server refused or closed a connection, or a replay did not end.</exception>
    public Figures Run()
    {
        _publisher.Open(_spec.Live.Target.Publish, negotiate: false);
        _reading.Add([_publisher]);
        FillHistory();
        Connector.ForAll(_members, ConnectAtOnce, m =>
        {
            m.Open(_spec.Live.Target.Subscribe, negotiate: false);
            m.Join(_dialect.Join(_spec.Live.Group(0)));
        });
        _liveReading.Start(_members);

        // The first one reads while code is compiled for it.
        JoinAll(1);
        _reading.For(Forgotten);
        double one = JoinAll(1);
        _reading.For(Forgotten);
        _pacer.Start();
        _reading.For(TimeSpan.FromSeconds(_spec.Live.WarmUp));
        TakeLive();
        _reading.For(TimeSpan.FromSeconds(_spec.Live.Seconds));
        double quiet = TakeLive().Milliseconds(0.99);
        var meter = new Meter(_spec.Live.Target);
        double many = JoinAll(_spec.Joiners, () =>
        {
            TakeLive();
            meter.Begin();
        });
        Usage usage = meter.End();
        double busy = TakeLive().Milliseconds(0.99);
        _pacer.Stop();
        _reading.Until(() => Missing() == 0, Limit);
        double replayed = (double)_spec.Events * _spec.Joiners;
        return new Figures
        {
            ["one_events_per_s"] = _spec.Events / one,
            ["many_events_per_s"] = replayed / many,
            ["many_s"] = many,
            ["cpu_us"] = usage.Servers * 1e6 / replayed,
            ["live_quiet_p99_ms"] = quiet,
            ["live_p99_ms"] = busy,
            ["live_p99_ratio"] = quiet > 0 ? busy / quiet : 0,
            ["client_us"] = usage.Client * 1e6 / replayed,
            ["redis_us"] = usage.Redis * 1e6 / replayed,
            ["other_cores"] = usage.Others,
            ["lost"] = Missing(),
            ["gaps"] = _wrong,
            ["refused"] = _refused,
            ["closed"] = _all.Count(c => c.Ended),
        };
    }

    public void Dispose()
    {
        _pacer.Stop();
        _liveReading.Dispose();
        _all.ForEach(c => c.Dispose());
        _reading.Dispose();
    }

    void IConnectionReader.OnEvent(Connection connection, long nanosecond, long number)
    {
        if (number != connection.Last + 1)
        {
            Interlocked.Increment(ref _wrong);
        }

        connection.Last = Math.Max(connection.Last, number);
        if (connection.Group != Joiner)
        {
            lock (_members)
            {
                _live.Add(_liveReading.Now - nanosecond);
            }
        }
    }

    void IConnectionReader.OnAnswer(Connection connection, string record, bool refused)
    {
        _answered++;
        _refused += refused ? 1 : 0;
    }

    /// <summary>How late the live members were since this was called last.</summary>
    private Histogram TakeLive()
    {
        lock (_members)
        {
            (Histogram taken, _live) = (_live, new Histogram());
            return taken;
        }
    }

    private void FillHistory()
    {
        var frame = new PublishFrame(_dialect, History, _spec.EventBytes, Batch, answered: true);
        for (int first = 1; first <= _spec.Events; first += Batch)
        {
            long before = _answered;
            _publisher.Send(frame.With(Stopwatch.GetTimestamp(), first));
            Await(() => _answered > before);
        }
    }

    /// <summary>Connects so many, lets all of them ask at the same moment, and waits until each has everything; returns the seconds that took.</summary>
    private double JoinAll(int count, Action? begin = null)
    {
        List<Connection> joiners = [.. Enumerable.Range(0, count).Select(_ => Make(Joiner))];
        Connector.ForAll(joiners, ConnectAtOnce, j => j.Open(_spec.Live.Target.Subscribe, negotiate: false));
        _reading.Add(joiners);
        byte[] join = Frames.Of(_dialect.Join(History, ":0"));
        begin?.Invoke();
        long began = Stopwatch.GetTimestamp();
        joiners.ForEach(j => j.Send(join));
        Await(() => joiners.TrueForAll(j => j.Last >= _spec.Events));
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private void Await(Func<bool> done)
    {
        if (!_reading.Until(done, Limit))
        {
            throw new IOException($"What was asked for did not arrive within {Limit}; {_refused} calls were refused.");
        }
    }

    private long Missing() => _members.Sum(m => _pacer.Last(0) - m.Last);

    private Connection Make(int group)
    {
        var connection = new Connection(this, _all.Count, group);
        _all.Add(connection);
        return connection;
    }
}
