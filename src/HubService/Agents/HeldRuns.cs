using HubService.Publishing;
using HubService.Streams;

namespace HubService.Agents;

/// <summary>The runs that connections of this node publish, for a keeper to come, who knows nothing of them.</summary>
internal sealed class HeldRuns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamKey, Dictionary<string, string>> _threads = [];

    public IReadOnlyList<StreamKey> Threads
    {
        get
        {
            lock (_gate)
            {
                return [.. _threads.Keys];
            }
        }
    }

    public void Settled(StreamKey thread, ThreadState state, IReadOnlyList<EventDraft> kept)
    {
        lock (_gate)
        {
            foreach (EventDraft draft in kept)
            {
                if (draft is { RunId: { } run, ConnectionId: { } handle } && state.Runs.ContainsKey(run))
                {
                    NoteUnsynchronized(thread, run, handle);
                }
            }

            foreach (string ended in _threads.TryGetValue(thread, out Dictionary<string, string>? runs) ? [.. runs.Keys.Where(r => !state.Runs.ContainsKey(r))] : Array.Empty<string>())
            {
                RemoveUnsynchronized(thread, ended);
            }
        }
    }

    public void Note(StreamKey thread, string run, string handle)
    {
        lock (_gate)
        {
            NoteUnsynchronized(thread, run, handle);
        }
    }

    public void Disconnected(string handle)
    {
        lock (_gate)
        {
            foreach ((StreamKey thread, string run) in _threads.SelectMany(t => t.Value.Where(r => r.Value == handle).Select(r => (t.Key, r.Key))).ToList())
            {
                RemoveUnsynchronized(thread, run);
            }
        }
    }

    /// <summary>The threads in which a connection of this node publishes a run of this id, and its handle.</summary>
    public IReadOnlyList<(StreamKey Thread, string Handle)> Find(string tenant, string run)
    {
        lock (_gate)
        {
            return [.. _threads.Where(t => t.Key.Tenant == tenant && t.Value.ContainsKey(run)).Select(t => (t.Key, t.Value[run]))];
        }
    }

    /// <summary>Each run of the thread, and the handle of the connection that publishes it.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Of(StreamKey thread)
    {
        lock (_gate)
        {
            return _threads.TryGetValue(thread, out Dictionary<string, string>? runs) ? [.. runs] : [];
        }
    }

    private void NoteUnsynchronized(StreamKey thread, string run, string handle)
    {
        if (!_threads.TryGetValue(thread, out Dictionary<string, string>? runs))
        {
            _threads[thread] = runs = new(StringComparer.Ordinal);
        }

        runs[run] = handle;
    }

    private void RemoveUnsynchronized(StreamKey thread, string run)
    {
        if (_threads[thread].Remove(run) && _threads[thread].Count == 0)
        {
            _threads.Remove(thread);
        }
    }
}
