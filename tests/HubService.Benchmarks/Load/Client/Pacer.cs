using System.Diagnostics;

namespace HubService.Benchmarks.Load.Client;

/// <summary>Publishes on a thread of its own: at a fixed rate, group after group, or as fast as the deliveries allow.</summary>
internal sealed class Pacer
{
    private const long Tick = 1_000_000;
    private const long Nap = 20_000;
    private const long LongestNap = 5_000_000;

    private readonly FanOutSpec _spec;
    private readonly IReadOnlyList<Connection> _publishers;
    private readonly PublishFrame[] _frames;
    private readonly long[] _numbers;
    private readonly Func<long> _delivered;
    private readonly Thread _thread;
    private readonly long[] _sentFor = new long[1 << 16];
    private long _published;
    private volatile bool _stopping;

    /// <param name="delivered">Deliveries to members that read, so far.</param>
    public Pacer(FanOutSpec spec, IReadOnlyList<Connection> publishers, Func<long> delivered)
    {
        (_spec, _publishers, _delivered) = (spec, publishers, delivered);
        Dialect dialect = Dialect.Named(spec.Target.Dialect);
        _frames = [.. Enumerable.Range(0, spec.Groups).Select(g => new PublishFrame(dialect, spec.Group(g), spec.EventBytes, batch: 1, spec.Answered))];
        _numbers = new long[spec.Groups];
        _thread = new Thread(Run);
    }

    public long Published => Volatile.Read(ref _published);

    /// <summary>The furthest that it was behind its rate, in nanoseconds: it was held up by the server or by the machine.</summary>
    public long Lag { get; private set; }

    public void Start() => _thread.Start();

    public void Stop()
    {
        _stopping = true;
        _thread.Join();
    }

    /// <summary>The last event's number in a group; 0 when none was published.</summary>
    public long Last(int group) => Volatile.Read(ref _numbers[group]);

    /// <summary>For which nanosecond a call was meant; one of the latest 65,536.</summary>
    public long MeantFor(long call) => Volatile.Read(ref _sentFor[call % _sentFor.Length]);

    private void Run()
    {
        if (_spec.InFlight > 0)
        {
            KeepInFlight();
        }
        else
        {
            KeepRate();
        }
    }

    /// <summary>What is due within a millisecond goes at its end, and is meant for then.</summary>
    private void KeepRate()
    {
        double interval = 1e9 / (_spec.Rate * _spec.Groups);
        long began = Stopwatch.GetTimestamp();
        for (long k = 0; !_stopping; k++)
        {
            long due = began + ((((long)(k * interval) / Tick) + 1) * Tick), now;
            while ((now = Stopwatch.GetTimestamp()) < due && !_stopping)
            {
                Native.Sleep(Math.Min(due - now, LongestNap));
            }

            Lag = Math.Max(Lag, now - due);
            Publish((int)(k % _spec.Groups), due);
        }
    }

    private void KeepInFlight()
    {
        int readers = _spec.Members;
        for (long k = 0; !_stopping;)
        {
            if ((_published - _spec.InFlight) * readers < _delivered())
            {
                Publish((int)(k++ % _spec.Groups), Stopwatch.GetTimestamp());
            }
            else
            {
                Native.Sleep(Nap);
            }
        }
    }

    private void Publish(int group, long meantFor)
    {
        long call = _published % 1_000_000_000;
        Volatile.Write(ref _sentFor[call % _sentFor.Length], meantFor);
        Volatile.Write(ref _numbers[group], _numbers[group] + 1);
        _publishers[group % _publishers.Count].Send(_frames[group].With(meantFor, _numbers[group], call));
        Volatile.Write(ref _published, _published + 1);
    }
}
