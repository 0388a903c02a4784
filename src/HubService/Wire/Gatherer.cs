using System.Diagnostics;
using Microsoft.Extensions.Options;

namespace HubService.Wire;

/// <summary>
/// Writes out what busy connections have gathered, all of them at the end of one window. One thread for every four cores;
/// they sleep while no connection is busy.
/// </summary>
internal sealed class Gatherer : IDisposable
{
    private readonly TimeSpan _window;
    private readonly Lane[] _lanes;

    public Gatherer(IOptions<WireOptions> options)
    {
        _window = options.Value.Gather;
        _lanes = _window == TimeSpan.Zero ? [] : [.. Enumerable.Range(0, 1 + (Environment.ProcessorCount / 4)).Select(_ => new Lane(_window))];
    }

    /// <summary>Was something written to the connection so lately that what comes next should wait?</summary>
    /// <param name="lastWrite">A timestamp of <see cref="Stopwatch"/>.</param>
    public bool IsBusy(long lastWrite) => _window > TimeSpan.Zero && Stopwatch.GetElapsedTime(lastWrite) < _window;

    /// <summary>Has the connection written out at the end of the window.</summary>
    public void Add(DirectWriter writer) => _lanes[(writer.GetHashCode() & int.MaxValue) % _lanes.Length].Add(writer);

    public void Dispose() => Array.ForEach(_lanes, static l => l.Dispose());

    private sealed class Lane : IDisposable
    {
        private readonly TimeSpan _window;
        private readonly Lock _gate = new();
        private readonly SemaphoreSlim _any = new(0);
        private List<DirectWriter> _listed = [];
        private List<DirectWriter> _spare = [];
        private volatile bool _ended;

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
                    _any.Release();
                }
            }
        }

        public void Dispose()
        {
            _ended = true;
            _any.Release();
        }

        private void Run()
        {
            while (true)
            {
                _any.Wait();
                if (_ended)
                {
                    return;
                }

                Thread.Sleep(_window);
                List<DirectWriter> due;
                lock (_gate)
                {
                    due = _listed;
                    _listed = _spare;
                }

                due.ForEach(static w => w.FlushGathered());
                due.Clear();
                _spare = due;
            }
        }
    }
}
