using HubService.Streams;

namespace HubService.Publishing;

/// <summary>
/// What a projection is built from again when it has run ahead of the log: a saved state and the events since that mattered,
/// up to the last position known to be kept. Only where nodes share a log, and so conflict, is it worth its memory.
/// </summary>
internal sealed class ProjectionBase(StreamKey stream, IStreamRules rules)
{
    private const int MaxEvents = 64;
    private const long MaxBytes = 256 * 1024;

    private readonly List<LogEntry> _since = [];
    private ReadOnlyMemory<byte>? _saved;
    private long _bytes;

    /// <summary>False until <see cref="Begin"/>.</summary>
    public bool IsSet => _saved is not null;

    /// <summary>Begins anew with a projection that holds exactly what is kept.</summary>
    public void Begin(IStreamState state)
    {
        _saved = state.Save();
        _since.Clear();
        _bytes = 0;
    }

    public void Add(in LogEntry entry)
    {
        if (rules.Affects(entry.Type))
        {
            _since.Add(entry);
            _bytes += entry.Body.Length;
        }
    }

    /// <summary>Call when everything up to now was added and the projection holds exactly that.</summary>
    public void Bound(IStreamState state)
    {
        if (_since.Count > MaxEvents || _bytes > MaxBytes)
        {
            Begin(state);
        }
    }

    public IStreamState Build()
    {
        IStreamState state = rules.Open(stream, _saved);
        foreach (LogEntry entry in _since)
        {
            state.Apply(rules.Read(entry));
        }

        return state;
    }

    public void Forget() => _saved = null;
}
