using Microsoft.Extensions.Options;

namespace HubService.Wire;

/// <summary>
/// Writes out what busy connections have gathered, all of them at the end of one window. One thread, and one
/// more for every four cores; they sleep while no connection is busy.
/// </summary>
internal sealed class Gatherer : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _window;
    private readonly Lane[] _lanes;

    public Gatherer(IOptions<WireOptions> options, TimeProvider time)
    {
        _time = time;
        TimeSpan window = options.Value.Gather;
        _window = (long)(window.TotalSeconds * time.TimestampFrequency);
        _lanes = window == TimeSpan.Zero ? [] : [.. Enumerable.Range(0, 1 + (Environment.ProcessorCount / 4)).Select(_ => new Lane(window))];
    }

    /// <summary>For a connection that nothing was sent to so far.</summary>
    public Pace NewPace() => new(_window);

    /// <summary>
    /// Counts one more write for a connection: is it busy, so that this one should wait for others? With more than half a window
    /// between two, hardly any would come to share the wait.
    /// </summary>
    public bool CountsAsBusy(ref Pace pace) => _window > 0 && pace.Count(_time.GetTimestamp()) < _window / 2;

    /// <summary>Has the connection written out at the end of the window.</summary>
    public void Add(DirectWriter writer) => _lanes[(writer.GetHashCode() & int.MaxValue) % _lanes.Length].Add(writer);

    public void Dispose() => Array.ForEach(_lanes, static l => l.Dispose());

    private sealed class Lane : IDisposable
    {
        private readonly TimeSpan _window;
        private readonly Lock _gate = new();

        // Neither spins: these threads are never in a hurry.
        private readonly ManualResetEventSlim _any = new(initialState: false, spinCount: 0);
        private readonly ManualResetEventSlim _ended = new(initialState: false, spinCount: 0);
        private List<DirectWriter> _listed = [];
        private List<DirectWriter> _spare = [];

        public Lane(TimeSpan window)
        {
            _window = window;
            new Thread(Run) { IsBackground = true, Name = "gatherer" }.Start();
        }

        public void Add(DirectWriter writer)
        {
            lock (_gate)
            {
                _listed.Add(writer);
                if (_listed.Count == 1)
                {
                    _any.Set();
                }
            }
        }

        public void Dispose()
        {
            _ended.Set();
            _any.Set();
        }

        private void Run()
        {
            while (true)
            {
                _any.Wait();
                if (_ended.Wait(_window))
                {
                    return;
                }

                Flush();
            }
        }

        private void Flush()
        {
            List<DirectWriter> due;
            lock (_gate)
            {
                due = _listed;
                _listed = _spare;
                _any.Reset();
            }

            due.ForEach(static w => w.FlushGathered());
            due.Clear();
            _spare = due;
        }
    }
}
